import type { GuardResult } from '../lifecycle/guard-result.ts'
import type { Statement } from '../statements/statement-kinds.ts'

/** A statement that the gateway has accepted: an entry of the journal, read and checked. What the fold is made of. */
export interface AcceptedStatement {
  /** 1 for the first entry; without gaps. */
  readonly sequence: number
  /** Hash of the entry, hexadecimal. */
  readonly hash: string
  /** RFC 3339 in UTC; never earlier than that of the entry before. */
  readonly recordedAt: string
  readonly statement: Statement
  /** Of the guards that a transition had to pass; empty for every other kind. */
  readonly guards: readonly GuardResult[]
}
