import type { Gauge } from '../observe/gauges.ts'
import type { IdentityHealth } from './identity.ts'

/** What is watched of the issuer: whether tokens can be verified, and how old the keys are by which they are. */
export function identityGauges(health: () => IdentityHealth): readonly Gauge[] {
  const known = (value: number | boolean | null) => (value === null ? [] : [{ value: Number(value) }])
  return [
    { name: 'issuer_keys_usable', read: () => known(health().keys.usable) },
    { name: 'issuer_reachable', read: () => known(health().keys.reachable) },
    { name: 'issuer_keys_age_seconds', read: () => known(health().keys.ageSeconds) },
  ]
}
