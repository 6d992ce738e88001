/**
 * What all instances of the gateway share beside the journal: a store of texts under keys, for a time. Losing it costs
 * speed, never an answer: every call settles within its bound, and one that fails says so at once while the store is away.
 */
export interface SharedStore {
  /** Null: not there, or no longer. Rejects with `StoreUnavailable`. */
  get(key: string): Promise<string | null>
  /** Keeps the value for `ttlMs` milliseconds, at least 1. Rejects with `StoreUnavailable`. */
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** Takes the key for `ttlMs` milliseconds: true for whoever comes first, of all instances. Rejects with `StoreUnavailable`. */
  claim(key: string, ttlMs: number): Promise<boolean>
  /**
   * Since when this process has been connected without a break, in milliseconds since the Unix epoch; null: it is not.
   * What was written before may be gone: a store that comes back may come back empty.
   */
  connectedSince(): number | null
  health(): StoreHealth
  close(): Promise<void>
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
