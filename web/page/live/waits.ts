/**
 * How long an open page waits before it asks or connects again. Thousands of pages see the same thing at the same time, so
 * there is chance in each of these. All in milliseconds; `chance` is from 0 up to and without 1.
 */

const FIRST_MS = 700
const LONGEST_MS = 20_000
/** Whatever is asked for: a page that is open is to find its way back some time. */
const MOST_MS = 600_000
const SPREAD_MS = 1_000

/** How often a page asks that has no stream. */
export const ASK_SECONDS = 30

/**
 * Before the next try, after so many in a row that were in vain.
 * @param leastMs what the gateway asks for: never sooner
 */
export function nextTryMs(failed: number, leastMs = 0, chance = Math.random()): number {
  const grown = Math.min(LONGEST_MS, FIRST_MS * 2 ** failed)
  return Math.max(grown, Math.min(leastMs, MOST_MS)) * (1 + chance / 2)
}

/** Before asking for what every other page has just heard of, too: short enough for it to show within two seconds. */
export function spreadMs(chance = Math.random()): number {
  return SPREAD_MS * chance
}

/** Before asking where no stream says that there is something new. */
export function nextAskMs(chance = Math.random()): number {
  return ASK_SECONDS * 1_000 * (0.75 + chance / 2)
}

/** Of `Retry-After` (RFC 9110 §10.2.3), in seconds or as a date; 0: nothing is asked for. */
export function retryAfterMs(headers: Headers, nowMs: number): number {
  const value = headers.get('retry-after') ?? ''
  if (/^\d+$/.test(value)) return Number(value) * 1_000
  const at = Date.parse(value)
  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs)
}
