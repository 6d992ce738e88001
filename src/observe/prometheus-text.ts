import { helpOf, type MetricType } from './metric-catalogue.ts'

/** The Prometheus text exposition format 0.0.4, as far as counters, gauges and histograms need it. */

export type Labels = Readonly<Record<string, string>>

const NAME = /^[a-z][a-z0-9_]{0,80}$/
const MAX_LABEL_VALUE = 120

/** Names are written in the code, in snake_case; throws `TypeError` on others. */
export function assertName(word: string): void {
  if (!NAME.test(word)) throw new TypeError(`${JSON.stringify(word)} is no name of a metric or label`)
}

/** As the metric is called outside: `requests` as a counter is `recovery_gateway_requests_total`. */
export function metricName(name: string, type: MetricType): string {
  return `recovery_gateway_${name}${type === 'counter' ? '_total' : ''}`
}

/** One metric with all of its samples, each as what follows the metric's name: `{a="1"} 2`. */
export function metricText(name: string, type: MetricType, samples: readonly string[]): string {
  const full = metricName(name, type)
  const help = helpOf(name)
  return [
    ...(help === undefined ? [] : [`# HELP ${full} ${help}`]),
    `# TYPE ${full} ${type}`,
    ...samples.map(sample => `${full}${sample}`),
  ]
    .map(line => `${line}\n`)
    .join('')
}

/** `{a="1",b="2"}` with the names in order, or nothing; equal labels give equal text. */
export function labelText(labels: Labels): string {
  const pairs = Object.entries(labels)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${escaped(value.slice(0, MAX_LABEL_VALUE))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
