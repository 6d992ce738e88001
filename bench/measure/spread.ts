/**
 * What many values come to: medians of rounds with their spread, and percentiles of latencies, exact and not estimated,
 * since a run's latencies fit in memory. Called by every measurement; changes nothing it is given.
 */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
  /** In the order in which they were measured. */
  readonly raw: readonly number[]
}

/** @throws RangeError where there is no value */
export function spreadOf(raw: readonly number[]): Spread {
  return { median: percentile(raw, 50), least: Math.min(...raw), most: Math.max(...raw), raw: [...raw] }
}

export interface Latencies {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly most: number
}

/** In the unit of the values. */
export function latenciesOf(values: Float64Array | readonly number[]): Latencies {
  const sorted = Float64Array.from(values).sort()
  const at = (percent: number) => interpolated(sorted, percent)
  return { count: sorted.length, p50: at(50), p99: at(99), p999: at(99.9), most: at(100) }
}

/** The value at this percentage of the sorted values, between two of them where it falls between (Hyndman & Fan's type 7). */
export function percentile(values: readonly number[], percent: number): number {
  return interpolated(Float64Array.from(values).sort(), percent)
}

function interpolated(sorted: Float64Array, percent: number): number {
  const place = ((sorted.length - 1) * percent) / 100
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  if (below === undefined || above === undefined) throw new RangeError('no value was measured')
  return below + (above - below) * (place - Math.floor(place))
}
