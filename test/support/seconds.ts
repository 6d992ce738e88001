/**
 * What happened second by second, from the times at which it did: the course that a chart is drawn of, and the worst second
 * that a rate is held to.
 */
export interface Span {
  /** Of `performance.now()`, as all times here. */
  readonly fromMs: number
  readonly toMs: number
}

export type Seconds = readonly (readonly [second: number, value: number])[]

/** How many fell into each whole second of the span. */
export function countsPerSecond(timesMs: readonly number[], span: Span): Seconds {
  return overSeconds(
    timesMs,
    span,
    time => time,
    times => times.length,
  )
}

/** What `fold` makes of all that fell into each whole second of the span. */
export function overSeconds<T>(
  items: readonly T[],
  { fromMs, toMs }: Span,
  timeOf: (item: T) => number,
  fold: (items: readonly T[]) => number,
): Seconds {
  const seconds = Math.max(0, Math.floor((toMs - fromMs) / 1_000))
  const bins = Map.groupBy(items, item => Math.floor((timeOf(item) - fromMs) / 1_000))
  return Array.from({ length: seconds }, (_, second) => [second, fold(bins.get(second) ?? [])] as const)
}
