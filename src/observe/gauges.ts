import { assertName, type Labels, labelText, metricText } from './prometheus-text.ts'

/** What has a value at any moment, for Prometheus: read when it is asked for. Shown by the admin listener. */
export interface Gauge {
  /** In snake_case, with its unit last, such as `journal_silence_seconds`. */
  readonly name: string
  /** `counter`: it only ever grows, and is counted elsewhere. Default `gauge`. */
  readonly type?: 'gauge' | 'counter'
  readonly read: () => readonly { readonly labels?: Labels; readonly value: number }[]
}

/** Prometheus text format 0.0.4, each gauge as `recovery_gateway_<name>`. */
export function prometheusGauges(gauges: readonly Gauge[]): string {
  return gauges
    .map(({ name, type = 'gauge', read }) => {
      assertName(name)
      return metricText(
        name,
        type,
        read().map(({ labels = {}, value }) => `${labelText(labels)} ${value}`),
      )
    })
    .join('')
}
