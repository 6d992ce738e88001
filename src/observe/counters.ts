import { createDurations } from './durations.ts'
import { assertName, type Labels, labelText, metricText } from './prometheus-text.ts'

/**
 * Counts what happens in this process and how long it takes, for Prometheus. Made once by the composition root; the admin listener shows it.
 * It never grows without bound: a counter has at most `maxSeries` combinations of labels, the rest share one.
 */

interface Sample {
  /** As it was counted, such as `rows_dropped`. */
  readonly name: string
  readonly labels: Labels
  readonly value: number
}

export interface Counters {
  /** Adds one, or `by`. Names and label names are written in the code, in snake_case; throws `TypeError` on others. */
  count(name: string, labels?: Labels, by?: number): void
  /** What adds one to this counter under these labels, looked up once: for the hot path. */
  counter(name: string, labels?: Labels): () => void
  /** What takes down one duration in seconds under these labels, looked up once: for the hot path. */
  timer(name: string, labels?: Labels): (seconds: number) => void
  /** What was counted; durations are not in it. */
  snapshot(): readonly Sample[]
  /** Prometheus text format 0.0.4, each counter as `recovery_gateway_<name>_total`, each timer as a histogram. */
  prometheus(): string
}

export interface CountersOptions {
  /** Most combinations of labels that one counter tells apart. Default 200. */
  readonly maxSeries?: number
  /** The same of one timer. Default 600. */
  readonly maxTimedSeries?: number
}

const OVERFLOW: Labels = { overflow: 'true' }

interface Series {
  readonly labels: Labels
  value: number
}

export function createCounters({ maxSeries = 200, maxTimedSeries = 600 }: CountersOptions = {}): Counters {
  /** By name, then by the text of the labels. */
  const counters = new Map<string, Map<string, Series>>()
  const durations = createDurations(maxTimedSeries)

  function seriesOf(name: string, labels: Labels): Series {
    for (const word of [name, ...Object.keys(labels)]) assertName(word)
    const counter = counters.get(name) ?? new Map<string, Series>()
    counters.set(name, counter)
    const found = counter.get(labelText(labels))
    if (found !== undefined) return found
    const kept = counter.size < maxSeries ? labels : OVERFLOW
    const series = counter.get(labelText(kept)) ?? { labels: { ...kept }, value: 0 }
    counter.set(labelText(kept), series)
    return series
  }

  return {
    count(name, labels = {}, by = 1) {
      seriesOf(name, labels).value += by
    },
    counter(name, labels = {}) {
      const series = seriesOf(name, labels)
      return () => {
        series.value++
      }
    },
    timer: (name, labels = {}) => durations.series(name, labels),
    snapshot: () =>
      [...counters].flatMap(([name, counter]) =>
        [...counter.values()].map(({ labels, value }) => ({ name, labels, value })),
      ),
    prometheus: () =>
      [...[...counters].map(([name, counter]) => [name, counterText(name, counter)] as const), ...durations.texts()]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, text]) => text)
        .join(''),
  }
}

function counterText(name: string, counter: ReadonlyMap<string, Series>): string {
  return metricText(
    name,
    'counter',
    [...counter].map(([labels, { value }]) => `${labels} ${value}`),
  )
}
