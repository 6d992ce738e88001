import type { Clock } from '../model/clock.ts'
import type { Sum } from '../store/shared-store.ts'
import { createPeriods, type Period } from './periods.ts'

/**
 * What this process let each partner spend in the minute under way. Called by the ledgers for every operation. Our own and
 * not a library's: who may spend what is as much a right as what one may see, so it is decided in a few lines that are read
 * in one piece; and at once, where a promise for each operation would cost more than all of it. It waits for nothing.
 */
export interface Minutes {
  /** Null: none is under way. */
  spent(partner: string): Sum | null
  /** Whether the sum would still be within `limit` with `cost` added. */
  covers(partner: string, cost: number, limit: number): boolean
  /**
   * Adds `cost` unless that makes the sum more than `limit`: false. The first to add begins a minute, which ends at
   * `endsAtMs` (milliseconds since the Unix epoch; default: in a minute).
   */
  spend(partner: string, cost: number, limit: number, endsAtMs?: number): boolean
}

interface Minute extends Period {
  spent: number
}

export const WINDOW_MS = 60_000

export function createMinutes(clock: Clock): Minutes {
  const minutes = createPeriods<Minute>(clock)
  return {
    spent(partner) {
      const minute = minutes.get(partner)
      return minute === undefined
        ? null
        : { total: minute.spent, remainingMs: Math.max(0, minute.endsAtMs - clock.now()) }
    },
    covers: (partner, cost, limit) => (minutes.get(partner)?.spent ?? 0) + cost <= limit,
    spend(partner, cost, limit, endsAtMs) {
      const minute = minutes.get(partner)
      const spent = (minute?.spent ?? 0) + cost
      // Written so that a figure that is none is refused.
      if (!(spent <= limit)) return false
      if (minute === undefined) {
        const now = clock.now()
        const end = endsAtMs ?? now + WINDOW_MS
        minutes.begin(partner, { beganAtMs: now, endsAtMs: end > now ? end : now + 1, spent })
      } else minute.spent = spent
      return true
    },
  }
}
