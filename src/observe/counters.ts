import { assertName, type Labels, labelText } from './prometheus-text.ts'

/**
 * Counts what happens in this process, for Prometheus. Made once by the composition root; the admin listener shows it.
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
  snapshot(): readonly Sample[]
  /** Prometheus text format 0.0.4, each counter as `recovery_gateway_<name>_total`. */
  prometheus(): string
}

export interface CountersOptions {
  /** Most combinations of labels that one counter tells apart. Default 200. */
  readonly maxSeries?: number
}

const OVERFLOW: Labels = { overflow: 'true' }

interface Series {
  readonly labels: Labels
  value: number
}

export function createCounters({ maxSeries = 200 }: CountersOptions = {}): Counters {
  /** By name, then by the text of the labels. */
  const counters = new Map<string, Map<string, Series>>()

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
    snapshot: () =>
      [...counters].flatMap(([name, counter]) =>
        [...counter.values()].map(({ labels, value }) => ({ name, labels, value })),
      ),
    prometheus: () =>
      [...counters]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([name, counter]) => [
          `# TYPE recovery_gateway_${name}_total counter`,
          ...[...counter].map(([labels, { value }]) => `recovery_gateway_${name}_total${labels} ${value}`),
        ])
        .map(line => `${line}\n`)
        .join(''),
  }
}
