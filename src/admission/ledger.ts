import { RateLimiterMemory } from 'rate-limiter-flexible'
import { keyOf } from '../model/key.ts'
import type { SharedStore, Sum } from '../store/shared-store.ts'

/**
 * What each partner has spent in the minute under way. Called by the budgets alone. Counted in this process, or for all
 * instances in the store that they share; while that is away, each instance counts by itself again, without a wait. What
 * this instance let through counts against the limit whatever the store says, so losing its memory gives no new budget here.
 */
export interface Ledger {
  /** Null: no minute has begun. */
  spent(partner: string): Promise<Sum | null>
  /**
   * Takes `cost` unless that makes it more than `limit`. Where operations of one partner race for the last of it, a
   * loser's cost stays counted, so that never more than the limit gets through.
   */
  spend(partner: string, cost: number, limit: number): Promise<Spending>
}

export interface Spending extends Sum {
  readonly isWithin: boolean
}

export type SharedSums = Pick<SharedStore, 'sum' | 'addWithin'>

export const WINDOW_MS = 60_000

export function createLedger(store: SharedSums | null): Ledger {
  // One counter for all limits: which limit holds is the viewer's, and the registry may change it at any time.
  const counter = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: WINDOW_MS / 1_000 })

  async function spentHere(partner: string): Promise<Sum | null> {
    const window = await counter.get(partner)
    return window === null || window.msBeforeNext <= 0
      ? null
      : { total: window.consumedPoints, remainingMs: window.msBeforeNext }
  }

  /** A minute that begins with it ends with that of the store, where there is one. */
  async function count(partner: string, cost: number, windowMs = WINDOW_MS): Promise<Sum> {
    const options = { customDuration: Math.max(1, windowMs) / 1_000 }
    const { consumedPoints, msBeforeNext } = await counter.consume(partner, cost, options)
    return { total: consumedPoints, remainingMs: msBeforeNext }
  }

  const here: Ledger = {
    spent: spentHere,
    async spend(partner, cost, limit) {
      const before = (await spentHere(partner)) ?? { total: 0, remainingMs: WINDOW_MS }
      if (before.total + cost > limit) return { ...before, isWithin: false }
      const after = await count(partner, cost)
      // Another operation may have spent between the two; the counter alone decides.
      return { ...after, isWithin: after.total <= limit }
    },
  }
  if (store === null) return here

  const keyFor = (partner: string) => keyOf('budget', partner)
  return {
    async spent(partner) {
      const [shared, own] = await Promise.all([store.sum(keyFor(partner)).catch(() => null), here.spent(partner)])
      return larger(shared, own)
    },
    async spend(partner, cost, limit) {
      // A store that came back may have come back empty; what this instance let through it knows itself.
      const own = await here.spent(partner)
      if (own !== null && own.total + cost > limit) return { ...own, isWithin: false }
      const shared = await store.addWithin(keyFor(partner), cost, limit, WINDOW_MS).catch(() => null)
      if (shared === null) return here.spend(partner, cost, limit)
      if (!shared.isWithin) return shared
      const counted = await count(partner, cost, shared.remainingMs)
      // Others may have spent between the two; each count alone decides.
      return { ...larger(shared, counted), isWithin: counted.total <= limit }
    },
  }
}

/** What is left is what the larger sum leaves. */
function larger<A extends Sum | null, B extends Sum | null>(shared: A, own: B): A | B {
  return (own?.total ?? 0) > (shared?.total ?? 0) ? own : shared
}
