import type { AnyRelation, RowFilter } from '../connector.ts'
import type { Found } from '../keyed-records.ts'
import type { Keys } from '../lookup-lane.ts'
import type { RecordOf } from '../record.ts'
import type { Page, PageRequest } from '../restored-system.ts'

/**
 * What each system gave last, for when it cannot answer: records by key and first pages, as they were let in at the border,
 * each with the time it was read and the epoch it was read in. Called by `systems.ts`, behind the gate: it decides nothing
 * about who may ask, but gives nothing that was read while the system was distrusted, or out of another restoration.
 * Keeping never delays an answer and never fails one; a store that is away or slow has nothing.
 */
export interface LastKnownGood {
  /** What was read of these keys; what is an error among it is not kept. `seconds`: for how long, at least 1. */
  keepRecords(lookup: KeptLookup, keys: Keys, found: readonly Found[], kept: Kept): void
  /** For each key, in their order; null: there is nothing that may be given. Never rejects. */
  findRecords(lookup: KeptLookup, keys: Keys): Promise<readonly (LastRead<readonly RecordOf<AnyRelation>[]> | null)[]>
  /** A page that is not the first, or that is larger than the bound, is not kept. */
  keepPage(page: KeptPage, given: Page<RecordOf<AnyRelation>>, kept: Kept): void
  findPage(page: KeptPage): Promise<LastRead<Page<RecordOf<AnyRelation>>> | null>
  /** Writes what still waits to be written, and closes the store. */
  close(): Promise<void>
}

/** All that decides which rows a look-up shows: equal ones show the same. */
export interface KeptLookup {
  readonly relation: AnyRelation
  readonly columns: readonly string[]
  readonly visible: RowFilter
}

export interface KeptPage {
  readonly relation: AnyRelation
  readonly request: PageRequest
  readonly visible: RowFilter
}

export interface Kept {
  /** The partner that read it, by its BPNL: it takes of that one's share of the room. */
  readonly by: string
  /** When the read began, in milliseconds since the Unix epoch: what it gave is no older. */
  readonly readAtMs: number
  /** Of the system, when it was read. */
  readonly epoch: string
  /** For how long it may be given at most, in seconds. */
  readonly seconds: number
}

/** Its records say LAST_KNOWN_GOOD in their provenance, with what may be missing as the system's state has it now. */
export interface LastRead<T> {
  readonly value: T
  readonly readAtMs: number
}

/** Where nothing is kept. */
export const NOTHING_KNOWN: LastKnownGood = {
  keepRecords: () => {},
  findRecords: async (_lookup, keys) => keys.map(() => null),
  keepPage: () => {},
  findPage: async () => null,
  close: async () => {},
}
