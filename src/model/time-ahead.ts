/** How far two clocks may be apart, in milliseconds: a time that lies further ahead is wrong, or one of the clocks is. */
const MOST_AHEAD_MS = 60_000

/**
 * Whether an RFC 3339 instant lies ahead of now, in milliseconds since the Unix epoch. Data as of such a time would
 * never grow old, so nobody would see its feed fall silent.
 */
export function liesAhead(instant: string, nowMs: number): boolean {
  return Date.parse(instant) > nowMs + MOST_AHEAD_MS
}
