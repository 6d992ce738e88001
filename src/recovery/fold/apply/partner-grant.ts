import { deepFreeze } from '../../../model/freeze.ts'
import type { PartnerEntry } from '../../../model/partner-entry.ts'
import type { RecoveryState } from '../../state.ts'
import { entryOf } from '../../statements/kinds/partner-grant.ts'
import type { ClaimsOf } from '../../statements/statement-kinds.ts'
import { nameIn } from '../../statements/vocabulary.ts'
import type { AcceptedStatement } from '../accepted.ts'
import { epochOf } from '../epoch.ts'

type Partners = RecoveryState['partners']

/**
 * The registry after the grants among these entries; the same object if there are none. Each grant begins a new epoch of
 * its partner. Grants depend on nothing but each other, so the fold takes them together and copies the registry once.
 */
export function partnersAfter(partners: Partners, entries: readonly AcceptedStatement[], journal: string): Partners {
  const grants = entries.flatMap(({ sequence, recordedAt, statement }) =>
    statement.kind === 'partner-grant' ? [{ sequence, recordedAt, claims: statement.claims }] : [],
  )
  if (grants.length === 0) return partners
  const after = new Map(partners)
  for (const { sequence, recordedAt, claims } of grants) {
    const bpnl = nameIn(claims.sub)
    const entry = entryAfter(bpnl, after.get(bpnl)?.entry, claims)
    if (entry !== null) after.set(bpnl, deepFreeze({ entry, epoch: epochOf(journal, sequence), grantedAt: recordedAt }))
  }
  return after
}

/** Null: there is nobody to disable or enable. */
function entryAfter(
  bpnl: string,
  known: PartnerEntry | undefined,
  claims: ClaimsOf<'partner-grant'>,
): PartnerEntry | null {
  switch (claims.action) {
    case 'REGISTER':
      return entryOf(bpnl, known?.disabled ?? false, claims.partner)
    case 'CHANGE': {
      const { token_binding = known?.tokenBinding ?? 'NONE', ...granted } = claims.partner
      return entryOf(bpnl, known?.disabled ?? false, { ...granted, token_binding })
    }
    case 'DISABLE':
    case 'ENABLE':
      return known === undefined ? null : { ...known, disabled: claims.action === 'DISABLE' }
    default:
      return claims satisfies never
  }
}
