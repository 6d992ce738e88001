import type { AcceptedStatement } from '../fold/accepted.ts'
import type { GuardResult } from '../lifecycle/guard-result.ts'
import type { JournalHead } from '../state.ts'
import type { Statement } from '../statements/statement-kinds.ts'
import type { JournalRow } from './store.ts'

/** The journal as the gateway keeps it: read forward, each entry verified as it is read, and appended to. */
export interface Journal {
  /** The last entry that was read and verified. */
  head(): JournalHead
  /**
   * The entries since the last call, each verified: hash, chain, seal, form. Throws `JournalFault` where one does not
   * verify (then and for ever after), and what the store throws where it is out of reach.
   */
  catchUp(): Promise<readonly AcceptedStatement[]>
  /**
   * Appends on top of the head; `behind`: somebody else was first, catch up and judge again. `judgedOn` is the sequence
   * of the head that the statement was judged on, where the journal may have been read on since: another head is `behind`.
   * Throws `ClockProblem` while this instance's clock is behind the journal or ahead of its store.
   */
  append(
    statement: Statement,
    guards: readonly GuardResult[],
    judgedOn?: number,
  ): Promise<'appended' | 'behind' | 'replayed'>
  /** Rows as they are stored, for lists and exports. */
  rows(after: number, limit: number): Promise<readonly JournalRow[]>
  /** Time of the store's clock less that of this instance, in milliseconds; for a check at start. */
  clockOffsetMs(): Promise<number>
  /** A checkpoint of everything up to the head, signed by the gateway: a compact JWS; null for an empty journal. */
  checkpoint(): Promise<string | null>
  /** Calls back when there may be something to catch up with; returns what ends it. */
  onAppend(listener: () => void): () => void
  close(): Promise<void>
}

/** The journal is not what was written to it. */
export class JournalFault extends Error {
  override readonly name = 'JournalFault'
  /** The entry at which it was found; the first that cannot be trusted. */
  readonly sequence: number

  constructor(sequence: number, problem: string) {
    super(`journal entry ${sequence}: ${problem}`)
    this.sequence = sequence
  }
}
