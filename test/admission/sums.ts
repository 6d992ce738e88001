import type { SharedSums } from '../../src/admission/leases.ts'
import type { Clock } from '../../src/model/clock.ts'
import { type Addition, StoreUnavailable, type Sum } from '../../src/store/shared-store.ts'

/** Sums that instances share, in memory, with the races of the real ones: another may add between a look and an addition. */
export interface TestSums extends SharedSums {
  /** How often it was asked to add. */
  readonly additions: number
  /** How many minutes have begun. */
  readonly minutes: number
  isAway: boolean
  /** The next addition is made, and answered only when the result is called. */
  holdAnswer(): () => void
}

export function createSums(clock: Clock): TestSums {
  let answering: Promise<void> | null = null
  const held = new Map<string, { readonly total: number; readonly endsAtMs: number }>()

  function assertHere(): void {
    if (sums.isAway) throw new StoreUnavailable('away')
  }

  function look(key: string): Sum | null {
    const sum = held.get(key)
    const now = clock.now()
    return sum !== undefined && now < sum.endsAtMs ? { total: sum.total, remainingMs: sum.endsAtMs - now } : null
  }

  function add(key: string, amount: number, ttlMs: number): Sum {
    const before = look(key)
    if (before === null) sums.minutes++
    const { total, remainingMs } = before ?? { total: 0, remainingMs: ttlMs }
    held.set(key, { total: total + amount, endsAtMs: clock.now() + remainingMs })
    return { total: total + amount, remainingMs }
  }

  const sums = {
    additions: 0,
    minutes: 0,
    isAway: false,
    async sum(key: string): Promise<Sum | null> {
      await null
      assertHere()
      return look(key)
    },
    async addWithin(key: string, amount: number, limit: number, ttlMs: number): Promise<Addition> {
      sums.additions++
      const answered = answering
      answering = null
      await null
      assertHere()
      const before = look(key) ?? { total: 0, remainingMs: ttlMs }
      if (before.total + amount > limit) return { ...before, isWithin: false }
      await null
      const sum = add(key, amount, ttlMs)
      await answered
      return { ...sum, isWithin: sum.total <= limit }
    },
    holdAnswer() {
      const { promise, resolve } = Promise.withResolvers<void>()
      answering = promise
      return resolve
    },
    connectedSince: () => (sums.isAway ? null : 0),
  }
  return sums
}
