import type { Clock } from '../../model/clock.ts'

/** A token bucket: calls at a rate, with a small burst, so that no second has more than a twentieth above it. */
export interface CallRate {
  /** Takes a call's place; or how many milliseconds until there is one, which is then not taken. 0: taken. */
  take(perSecond: number): number
}

/** What may come at once, as a part of a second's calls: with what a second grants, less than the twentieth. */
const BURST = 0.04

export function createCallRate(clock: Clock): CallRate {
  let tokens = 0
  let filledMs = Number.NEGATIVE_INFINITY
  return {
    take(perSecond) {
      const now = clock.now()
      tokens = Math.min(Math.max(1, perSecond * BURST), tokens + ((now - filledMs) * perSecond) / 1_000)
      filledMs = now
      if (tokens < 1) return ((1 - tokens) * 1_000) / perSecond
      tokens -= 1
      return 0
    },
  }
}
