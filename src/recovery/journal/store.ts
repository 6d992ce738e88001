import type { Clock } from '../../model/clock.ts'

/**
 * Where the entries of the journal are kept: an append-only table. The port that the PostgreSQL store implements over a
 * server and over the embedded one. It keeps text as it is given and judges nothing.
 */
export interface JournalRow {
  /** 1 for the first entry; without gaps. */
  readonly sequence: number
  /** RFC 3339 in UTC, as it was hashed. */
  readonly recordedAt: string
  /** `jti` of the statement; the store has each once. */
  readonly statementId: string
  /** The compact JWS, byte for byte as it was signed. */
  readonly statement: string
  /** Canonical JSON of what the gateway found when it accepted the statement: signatory and guards. */
  readonly acceptance: string
  /** Hash of the entry before, hexadecimal; of the first: 64 zeros. */
  readonly previousHash: string
  readonly hash: string
  /** The gateway's signature over the hash. */
  readonly seal: string
}

export interface JournalStore {
  /** Rows with a sequence above `after`, ascending, at most `limit`. */
  read(after: number, limit: number): Promise<readonly JournalRow[]>
  /** The same for lists and exports, which never keep waiting those who follow the journal. */
  browse(after: number, limit: number): Promise<readonly JournalRow[]>
  /**
   * `taken`: another instance has appended this sequence; `replayed`: the statement stands in the journal already. Throws
   * `ClockProblem` for a row from the future.
   */
  append(row: JournalRow): Promise<'appended' | 'taken' | 'replayed'>
  /** Calls back soon after rows were appended, by any instance; may call too often, and may miss some. Returns what ends it. */
  subscribe(onAppend: () => void): Promise<() => Promise<void>>
  /** Time of the store's clock less that of another, in milliseconds; exact to half the time that asking takes. */
  clockOffsetMs(clock: Clock): Promise<number>
  /** Proves that this session can insert and read, and that changing or removing a row is refused; throws otherwise. */
  prove(): Promise<void>
  close(): Promise<void>
}
