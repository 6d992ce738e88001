import { TEST_SUBJECT } from './news.ts'
import type { Bulletin, Claim } from './outbox.ts'

/**
 * Whether a message that is due may still be sent: held against what its partner may read now, because rights may have
 * ended since it was queued, or ended and come back. Called by the delivery for each message; pure.
 */
export type Judgement =
  | 'sendable'
  /** Its partner may not read it now. */
  | 'withdrawn'
  /** What it says is no longer so. */
  | 'overtaken'

export function judge({ subject, told }: Claim, { sequence, news }: Bulletin): Judgement {
  if (subject === TEST_SUBJECT) return 'sendable'
  const current = news.find(one => one.subject === subject)
  // Nobody can say what it was that was queued: as if it had never been told.
  if (current === undefined || told === null) return 'withdrawn'
  if (current.digest === told.digest) return 'sendable'
  // Of two instances the one that has read less of the journal has nothing to say against the other.
  const isAhead = told.sequence > sequence || (told.sequence === sequence && told.changedMs > current.changedMs)
  return isAhead ? 'sendable' : 'overtaken'
}
