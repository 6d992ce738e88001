import { SYSTEM_KEYS, type SystemKey } from '../../model/system.ts'
import type { Gauge } from '../../observe/gauges.ts'
import type { ShieldState } from './shield.ts'

/** What is watched of each system's shield: what it grants, what it is asked, and whether it is closed to all but probes. */
export function shieldGauges(stateOf: (system: SystemKey) => ShieldState): readonly Gauge[] {
  const eachSystem = (value: (state: ShieldState) => number) => () =>
    SYSTEM_KEYS.map(system => ({ labels: { system }, value: value(stateOf(system)) }))
  return [
    { name: 'system_concurrency_limit', read: eachSystem(state => state.concurrencyLimit) },
    { name: 'system_calls_per_second_limit', read: eachSystem(state => state.callsPerSecondLimit) },
    { name: 'system_calls_in_flight', read: eachSystem(state => state.inFlight) },
    { name: 'system_reads_waiting', read: eachSystem(state => state.waiting) },
    { name: 'system_breaker_open', read: eachSystem(state => Number(state.isBreakerOpen)) },
    { name: 'system_retries_left', read: eachSystem(state => state.retriesLeft) },
  ]
}
