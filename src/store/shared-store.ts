/**
 * What all instances of the gateway share beside the journal: a store of texts under keys, for a time. Losing it costs
 * speed, never an answer: every call settles within its bound, and one that fails says so at once while the store is away.
 * Texts, claims and sums each have keys of their own, which may be of any text: they are hashed.
 */
export interface SharedStore {
  /** Null: not there, or no longer. Rejects with `StoreUnavailable`. */
  get(key: string): Promise<string | null>
  /** Keeps the value for `ttlMs` milliseconds, at least 1. Rejects with `StoreUnavailable`. */
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** Takes the key for `ttlMs` milliseconds: true for whoever comes first, of all instances. Rejects with `StoreUnavailable`. */
  claim(key: string, ttlMs: number): Promise<boolean>
  /** Null: nothing was added, or its time is over. Rejects with `StoreUnavailable`. */
  sum(key: string): Promise<Sum | null>
  /**
   * Adds `amount` to the sum, unless that would make it more than `limit`; the first to add begins its time of `ttlMs`
   * milliseconds. Where several race for the last of it, a loser's amount stays added. Rejects with `StoreUnavailable`.
   */
  addWithin(key: string, amount: number, limit: number, ttlMs: number): Promise<Addition>
  /**
   * Since when this process has been connected without a break, in milliseconds since the Unix epoch; null: it is not.
   * What was written before may be gone: a store that comes back may come back empty.
   */
  connectedSince(): number | null
  health(): StoreHealth
  close(): Promise<void>
}

export interface Sum {
  readonly total: number
  /** Milliseconds until it is forgotten. */
  readonly remainingMs: number
}

export interface Addition extends Sum {
  /** Whether all of it, this amount included, is within the limit. */
  readonly isWithin: boolean
}

export interface StoreHealth {
  readonly reachable: boolean
  /** Why the last call failed; null: it did not. */
  readonly failure: string | null
}

/** The store did not answer within its bound, or is known to be away. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}
