import type { Gauge } from '../observe/gauges.ts'
import type { EndpointView } from './views.ts'

/** What is watched of the webhooks, by endpoint: what waits, for how long, and what was given up. */
export function webhookGauges(views: () => readonly EndpointView[], now: () => number): readonly Gauge[] {
  const labelled = (value: (view: EndpointView) => number) => () =>
    views().map(view => ({ labels: { endpoint: view.id }, value: value(view) }))
  const secondsSince = (instant: string | null) => (instant === null ? 0 : (now() - Date.parse(instant)) / 1_000)
  return [
    { name: 'webhooks_waiting', read: labelled(({ waiting }) => waiting) },
    { name: 'webhooks_oldest_seconds', read: labelled(({ oldestAt }) => secondsSince(oldestAt)) },
    { name: 'webhooks_dead', read: labelled(({ dead }) => dead) },
    { name: 'webhooks_disabled', read: labelled(({ state }) => Number(state === 'GONE')) },
  ]
}
