import { assertName, type Labels, labelText } from './prometheus-text.ts'

/** What has a value at any moment, for Prometheus: read when it is asked for. Shown by the admin listener. */
export interface Gauge {
  /** In snake_case, with its unit last, such as `journal_silence_seconds`. */
  readonly name: string
  readonly read: () => readonly { readonly labels?: Labels; readonly value: number }[]
}

/** Prometheus text format 0.0.4, each gauge as `recovery_gateway_<name>`. */
export function prometheusGauges(gauges: readonly Gauge[]): string {
  return gauges
    .flatMap(({ name, read }) => {
      assertName(name)
      const samples = read().map(({ labels = {}, value }) => `recovery_gateway_${name}${labelText(labels)} ${value}`)
      return [`# TYPE recovery_gateway_${name} gauge`, ...samples]
    })
    .map(line => `${line}\n`)
    .join('')
}
