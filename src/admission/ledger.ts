import type { Sum } from '../store/shared-store.ts'
import { type Minutes, WINDOW_MS } from './minutes.ts'

/** Who counts what each partner has spent in the minute under way. Called by the budgets alone. */
export interface Ledger {
  /** Null: no minute has begun. */
  spent(partner: string): Sum | null | Promise<Sum | null>
  /** The same as far as this process knows, at once. */
  known(partner: string, limit: number): Sum | null
  /**
   * Takes `cost` unless that makes it more than `limit`: null, or what is spent, by which it is refused. At once wherever
   * this process can decide.
   */
  spend(partner: string, cost: number, limit: number): Sum | null | Promise<Sum | null>
}

const NOTHING: Sum = { total: 0, remainingMs: WINDOW_MS }

/** Of this process alone: it always decides at once. */
export function createOwnLedger(minutes: Minutes) {
  return {
    spent: minutes.spent,
    known: minutes.spent,
    spend: (partner: string, cost: number, limit: number): Sum | null =>
      minutes.spend(partner, cost, limit) ? null : (minutes.spent(partner) ?? NOTHING),
  } satisfies Ledger
}
