import type { Partner, PartnerRole, Viewer, ViewerFact } from '../model/viewer.ts'

/**
 * What a resolver may see of the viewer: exactly the facts that its field declares with `@partition(by:)`. Anything
 * else throws, so an answer cannot come to depend on a fact that is missing from its cache key.
 */
export interface Facts {
  /** PARTNER: the owner of the partner's rows, its BPNL. */
  readonly owner: string
  /** PARTNER */
  readonly partner: Partner
  /** PARTNER */
  readonly viewer: Viewer
  /** SITES: BPNS of the sites that serve the partner, nearest first. */
  readonly sites: readonly string[]
  /** ROLE */
  readonly roles: readonly PartnerRole[]
  /** WAVE */
  readonly wave: number | null
}

export function createFacts(viewer: Viewer, declared: readonly ViewerFact[]): Facts {
  const declaredOnly = <T>(fact: ViewerFact, value: T): T => {
    if (declared.includes(fact)) return value
    throw new TypeError(`a field depends on ${fact}, which its @partition does not declare`)
  }
  return {
    get owner() {
      return declaredOnly('PARTNER', viewer.partner.bpnl)
    },
    get partner() {
      return declaredOnly('PARTNER', viewer.partner)
    },
    get viewer() {
      return declaredOnly('PARTNER', viewer)
    },
    get sites() {
      return declaredOnly('SITES', viewer.partner.sites)
    },
    get roles() {
      return declaredOnly('ROLE', viewer.partner.roles)
    },
    get wave() {
      return declaredOnly('WAVE', viewer.partner.wave)
    },
  }
}
