import { METRICS } from '../../src/observe/metric-catalogue.ts'
import { metricName } from '../../src/observe/prometheus-text.ts'

/** What a query, a rule or a page says of metrics that is not so: a metric that there is not, or a label that it has not. */

/** Given by Prometheus itself, and by the pooling of workers. */
const OF_ALL = ['instance', 'job', 'worker']

const labelsOf: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  METRICS.flatMap(({ name, type, labels }): [string, ReadonlySet<string>][] => {
    const full = metricName(name, type)
    const own = new Set([...labels, ...OF_ALL])
    if (type !== 'histogram') return [[full, own]]
    return [
      [`${full}_bucket`, new Set([...own, 'le'])],
      [`${full}_sum`, own],
      [`${full}_count`, own],
    ]
  }),
)

export function metricFaults(text: string): readonly string[] {
  return [...text.matchAll(/\b(recovery_gateway_\w+)(?:\{([^}]*)\})?/g)].flatMap(([, name = '', matchers = '']) => {
    const labels = labelsOf.get(name)
    if (labels === undefined) return [`there is no metric ${name}`]
    // `{system,reason}` on a page, `{system="…"}` in a query.
    const used = matchers.split(',').map(matcher => matcher.trim().split(/[=!]/)[0] ?? '')
    return used.filter(label => label !== '' && !labels.has(label)).map(label => `${name} has no label ${label}`)
  })
}

/** In how many places metrics are named. */
export const metricsIn = (text: string): number => [...text.matchAll(/\brecovery_gateway_\w+/g)].length
