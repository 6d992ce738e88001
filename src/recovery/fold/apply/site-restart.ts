import { SHOPS } from '../../../model/code-lists.ts'
import type { RecoveryState, SiteRestart } from '../../state.ts'
import type { StatementOf } from '../../statements/statement-kinds.ts'
import { nameIn } from '../../statements/vocabulary.ts'
import { put } from './ordered-list.ts'

/** Says how far a site or a shop of it has come, in the place of what was said before; by site, the whole site first. */
export function withSiteRestart(
  state: RecoveryState,
  { claims }: StatementOf<'site-restart'>,
  recordedAt: string,
): RecoveryState {
  const restart: SiteRestart = {
    bpns: nameIn(claims.sub),
    shop: claims.shop ?? null,
    status: claims.status,
    restartDate: claims.restart_date ?? null,
    note: claims.note ?? null,
    recordedAt,
  }
  const isSame = ({ bpns, shop }: SiteRestart) => bpns === restart.bpns && shop === restart.shop
  return { ...state, sites: put(state.sites, restart, isSame, bySite) }
}

function bySite(one: SiteRestart, other: SiteRestart): number {
  if (one.bpns !== other.bpns) return one.bpns < other.bpns ? -1 : 1
  return placeOf(one) - placeOf(other)
}

function placeOf({ shop }: SiteRestart): number {
  return shop === null ? -1 : SHOPS.indexOf(shop)
}
