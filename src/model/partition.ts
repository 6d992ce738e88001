import { canonicalJson } from './key.ts'
import type { Viewer, ViewerFact } from './viewer.ts'

/**
 * The value of each fact that `@partition(by:)` can name. What a field's resolver may see of the viewer and what
 * goes into that field's cache key both come from here, so the two cannot drift apart.
 */
const FACT_VALUES: Readonly<Record<ViewerFact, (viewer: Viewer) => unknown>> = {
  PARTNER: viewer => [viewer.partner.bpnl, viewer.epoch],
  SITES: viewer => viewer.partner.sites,
  ROLE: viewer => viewer.partner.roles.toSorted(),
  WAVE: viewer => viewer.partner.wave,
}

/** The viewer's partition under the given facts, as text; the same for two viewers whose facts are equal. */
export function partitionOf(viewer: Viewer, facts: readonly ViewerFact[]): string {
  return canonicalJson(facts.toSorted().map(fact => [fact, FACT_VALUES[fact](viewer)]))
}
