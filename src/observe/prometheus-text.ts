/** The Prometheus text exposition format 0.0.4, as far as counters and gauges need it. */

export type Labels = Readonly<Record<string, string>>

const NAME = /^[a-z][a-z0-9_]{0,80}$/
const MAX_LABEL_VALUE = 120

/** Names are written in the code, in snake_case; throws `TypeError` on others. */
export function assertName(word: string): void {
  if (!NAME.test(word)) throw new TypeError(`${JSON.stringify(word)} is no name of a metric or label`)
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
