/**
 * When a refused client should come back: never before it can be of use, and each at another time, so that a crowd that was
 * refused together does not return together. Called by whatever refuses for a while.
 */
export interface Return {
  /** Asking again sooner is in vain. */
  readonly leastSeconds: number
  /** Over so many seconds more are the clients spread, evenly ("full jitter"). */
  readonly spreadSeconds: number
}

/** From 0 up to and without 1; a parameter, so that it can be foreseen. */
export type Random = () => number

/** Whole seconds, because the header `Retry-After` has no others (RFC 9110 §10.2.3). */
export function retryAfterSeconds({ leastSeconds, spreadSeconds }: Return, random: Random = Math.random): number {
  return leastSeconds + Math.floor(random() * (spreadSeconds + 1))
}
