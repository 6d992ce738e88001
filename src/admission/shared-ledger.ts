import type { Clock } from '../model/clock.ts'
import type { Sum } from '../store/shared-store.ts'
import { createLeases, type SharedSums } from './leases.ts'
import { createOwnLedger, type Ledger } from './ledger.ts'
import type { Minutes } from './minutes.ts'

/**
 * Counts for all instances, in the store that they share. Called by the budgets where there is one. What is leased is spent
 * at once; where no lease covers it, the store is asked, within its bound. While it is away, each instance counts by itself,
 * without a wait. What this instance let through counts against the limit whatever the store says, so a store that loses
 * its memory gives no new budget here.
 */
export function createSharedLedger(store: SharedSums, minutes: Minutes, clock: Clock): Ledger {
  const own = createOwnLedger(minutes)
  const leases = createLeases(store, clock)

  /** Where operations of one partner race for the last of it, a loser's cost may stay counted, and never less than the winners'. */
  async function ask(partner: string, cost: number, limit: number): Promise<Sum | null> {
    const shared = await leases.ask(partner, cost, limit).catch(() => null)
    if (shared === null) return own.spend(partner, cost, limit)
    if (!shared.isWithin) return larger(shared, minutes.spent(partner))
    // Others may have spent meanwhile; each count alone decides.
    return minutes.spend(partner, cost, limit, clock.now() + shared.remainingMs) ? null : minutes.spent(partner)
  }

  return {
    async spent(partner) {
      return larger(await leases.spent(partner).catch(() => null), minutes.spent(partner))
    },
    known: (partner, limit) => larger(leases.known(partner, limit), minutes.spent(partner)),
    spend(partner, cost, limit) {
      if (!minutes.covers(partner, cost, limit)) return own.spend(partner, cost, limit)
      const endsAtMs = leases.take(partner, cost, limit)
      if (endsAtMs !== null) {
        minutes.spend(partner, cost, limit, endsAtMs)
        return null
      }
      return store.connectedSince() === null ? own.spend(partner, cost, limit) : ask(partner, cost, limit)
    },
  }
}

/** What is left is what the larger sum leaves. */
function larger<A extends Sum | null, B extends Sum | null>(shared: A, own: B): A | B {
  return (own?.total ?? 0) > (shared?.total ?? 0) ? own : shared
}
