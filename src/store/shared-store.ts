/**
 * What all instances of the gateway share beside the journal: a store of texts, claims and sums under keys, each for a
 * time. Losing it costs speed, never an answer: every call settles within its bound, and one that fails says so at once
 * while the store is away. Texts, claims and sums each have keys of their own, which may be of any text: they are hashed.
 */
export interface SharedStore {
  /** Records and lists of the restored systems. */
  readonly records: SharedTexts
  /** Persisted documents. */
  readonly documents: SharedTexts
  /** What the restored systems gave last. */
  readonly lastKnown: SharedTexts
  /** So that of all instances one reads a record, and the others find it. */
  readonly leases: Leases
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

/**
 * Texts of one kind, which together take no more of the store's memory than their bound. They have a connection of their
 * own: however many there are and however large, claims and sums do not wait for them.
 */
export interface SharedTexts {
  /** Null: not there, or no longer. Rejects with `StoreUnavailable`. */
  get(key: string): Promise<string | null>
  /**
   * Keeps the text for `ttlMs` milliseconds, at least 1. False: it is longer than `MAX_TEXT_BYTES`, or the memory for
   * texts of its kind is spent, or the share of it of the partner `by`. Rejects with `StoreUnavailable`.
   */
  set(key: string, text: string, ttlMs: number, by?: string): Promise<boolean>
}

/** Each for one instance at a time, and never for longer than it was taken for. They share the connection of the texts. */
export interface Leases {
  /** Takes it for `ttlMs` milliseconds, at least 1. False: another has it. Rejects with `StoreUnavailable`. */
  take(key: string, ttlMs: number): Promise<boolean>
  /** Rejects with `StoreUnavailable`. */
  isTaken(key: string): Promise<boolean>
  /** Of one's own. Rejects with `StoreUnavailable`. */
  giveBack(key: string): Promise<void>
}

/** In UTF-8. What is larger is not shared: it would hold up all that is behind it. */
export const MAX_TEXT_BYTES = 65_536

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
