import type { Clock } from '../model/clock.ts'

/** Places that are kept free, so many a second. Called where all others are refused; whoever finds none is one of these. */
export interface Reserve {
  hasPlace(): boolean
  /** Takes a place: false where there is none. */
  take(): boolean
}

/** What was not taken lasts so long. */
const KEPT_SECONDS = 0.25

export function createReserve(perSecond: number, clock: Clock): Reserve {
  const most = Math.max(1, perSecond * KEPT_SECONDS)
  let places = most
  let countedAtMs = clock.now()

  function hasPlace(): boolean {
    const now = clock.now()
    // Whichever way the clock is set, never more than were kept.
    places = Math.min(most, places + (Math.max(0, now - countedAtMs) / 1_000) * perSecond)
    countedAtMs = now
    return perSecond > 0 && places >= 1
  }

  return {
    hasPlace,
    take() {
      if (!hasPlace()) return false
      places -= 1
      return true
    },
  }
}
