import { assertName, type Labels, labelText, metricText } from './prometheus-text.ts'

/**
 * How long things take, for Prometheus: histograms over buckets that are the same for all, so that those of several
 * instances can be added up. Part of the counters. It never grows without bound: a histogram has at most `maxSeries`
 * combinations of labels, the rest share one.
 */
export interface Durations {
  /** What takes down one duration in seconds, looked up once: for the hot path. */
  series(name: string, labels: Labels): (seconds: number) => void
  /** Each histogram as `recovery_gateway_<name>`; a name therefore ends with `_seconds`. */
  readonly texts: () => readonly (readonly [name: string, text: string])[]
}

/** Seconds, from a hit of a cache to the longest that a client waits. */
export const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8] as const

const OVERFLOW: Labels = { overflow: 'true' }

interface Series {
  readonly labels: Labels
  /** How many fell into each bucket and no lower one; the last is for what is longer than all. */
  readonly counts: Float64Array
  sum: number
}

export function createDurations(maxSeries: number): Durations {
  /** By name, then by the text of the labels. */
  const histograms = new Map<string, Map<string, Series>>()

  function seriesOf(name: string, labels: Labels): Series {
    for (const word of [name, ...Object.keys(labels)]) assertName(word)
    const histogram = histograms.get(name) ?? new Map<string, Series>()
    histograms.set(name, histogram)
    const found = histogram.get(labelText(labels))
    if (found !== undefined) return found
    const kept = histogram.size < maxSeries ? labels : OVERFLOW
    const counts = new Float64Array(BUCKETS_SECONDS.length + 1)
    const series = histogram.get(labelText(kept)) ?? { labels: { ...kept }, counts, sum: 0 }
    histogram.set(labelText(kept), series)
    return series
  }

  return {
    series(name, labels) {
      const series = seriesOf(name, labels)
      return seconds => {
        let bucket = 0
        for (const bound of BUCKETS_SECONDS) {
          if (seconds <= bound) break
          bucket++
        }
        series.counts[bucket] = (series.counts[bucket] ?? 0) + 1
        series.sum += seconds
      }
    },
    texts: () =>
      [...histograms].map(([name, histogram]) => [
        name,
        metricText(name, 'histogram', [...histogram.values()].flatMap(samplesOf)),
      ]),
  }
}

/** Cumulative, as the format has it: each bucket with all that is in the lower ones. */
function samplesOf({ labels, counts, sum }: Series): readonly string[] {
  let total = 0
  const buckets = [...counts].map((count, bucket) => {
    total += count
    const le = String(BUCKETS_SECONDS[bucket] ?? '+Inf')
    return `_bucket${labelText({ ...labels, le })} ${total}`
  })
  return [...buckets, `_sum${labelText(labels)} ${sum}`, `_count${labelText(labels)} ${total}`]
}
