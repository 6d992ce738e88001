/**
 * When a delivery that failed is tried again: the schedule of the Standard Webhooks specification. Called by the delivery;
 * pure but for the chance that is handed in.
 */

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** After the first attempt, the second, and so on; nearly four days in all. */
const PAUSES_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
]

/** A pause grows by up to this part of it, so that what failed together is not tried again together. */
const JITTER = 0.2
/** Longest that a receiver may ask to be waited for. */
const LONGEST_ASKED_MS = 24 * HOUR_MS

export interface FailedAttempts {
  /** How many there were, the one that has just failed included. */
  readonly attempts: number
  /** Most that there may be. */
  readonly most: number
  /** What the receiver asked for (`Retry-After`), in milliseconds; null: nothing. */
  readonly askedMs: number | null
}

/** Milliseconds until the next attempt; null: there is none. `chance` gives a number from 0 to 1, as `Math.random` does. */
export function pauseBeforeRetry(
  { attempts, most, askedMs }: FailedAttempts,
  chance: () => number = Math.random,
): number | null {
  const pauseMs = PAUSES_MS[attempts - 1]
  if (attempts >= most || pauseMs === undefined) return null
  const ownMs = pauseMs * (1 + JITTER * chance())
  return Math.round(Math.max(ownMs, Math.min(askedMs ?? 0, LONGEST_ASKED_MS)))
}

/** RFC 9110 §10.2.3: seconds or a date, as milliseconds from now; null: nothing that can be read. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null
  if (/^\d{1,9}$/.test(header)) return Number(header) * SECOND_MS
  // Of a date only the form that is to be sent: the language's own parser takes nearly anything for one.
  const dateMs = /^[A-Z][a-z]{2}, \d\d .* GMT$/.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs)
}
