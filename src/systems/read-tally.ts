import type { Clock } from '../model/clock.ts'

/** Counts the reads of the last hour, answered and failed, in minutes that fall off one by one. */
export interface ReadTally {
  answered(): void
  failed(): void
  lastHour(): { readonly answered: number; readonly failed: number }
}

const MINUTES = 60

export function createReadTally(clock: Clock): ReadTally {
  const minutes = Array.from({ length: MINUTES }, () => ({ minute: -1, answered: 0, failed: 0 }))

  function count(outcome: 'answered' | 'failed'): void {
    const minute = Math.floor(clock.now() / 60_000)
    const slot = minutes[minute % MINUTES]
    if (slot === undefined) return
    if (slot.minute !== minute) Object.assign(slot, { minute, answered: 0, failed: 0 })
    slot[outcome]++
  }

  return {
    answered: () => count('answered'),
    failed: () => count('failed'),
    lastHour() {
      const first = Math.floor(clock.now() / 60_000) - MINUTES
      const recent = minutes.filter(({ minute }) => minute > first)
      return {
        answered: recent.reduce((sum, { answered }) => sum + answered, 0),
        failed: recent.reduce((sum, { failed }) => sum + failed, 0),
      }
    },
  }
}
