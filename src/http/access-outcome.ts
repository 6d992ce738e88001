import type { Audit } from './audit.ts'

/** What became of a request, in one word, and where what it was given is from: as its line in the access log has it. */

export type Decision =
  /** Made for this request. */
  | 'LIVE'
  /** Finished before, or made for another at the same moment. */
  | 'CACHED'
  /** Part of it is what a system gave last, marked. */
  | 'LAST_KNOWN_GOOD'
  /** Nothing was given; the codes say why. */
  | 'REFUSED'
  /** The client let go before there was an answer. */
  | 'LEFT'

export type Origin = 'SYSTEM' | 'LAST_KNOWN_GOOD'

export interface Outcome {
  readonly decision: Decision
  /** Null: nothing of any system was given. */
  readonly origin: Origin | null
}

const LEFT: Outcome = { decision: 'LEFT', origin: null }
const REFUSED: Outcome = { decision: 'REFUSED', origin: null }
const STALE: Outcome = { decision: 'LAST_KNOWN_GOOD', origin: 'LAST_KNOWN_GOOD' }

/** `status` is that of the answer, whether it leaves whole or not. */
export function outcomeOf(audit: Audit, status: number, isAnswered: boolean): Outcome {
  if (!isAnswered) return LEFT
  const { gave, codes, lastKnown, answer } = audit
  if (status >= 400 || gave === false) return REFUSED
  if (lastKnown.size > 0) return STALE
  const origin = mayGiveOfSystems(audit) ? 'SYSTEM' : null
  if (origin === null && codes.length > 0 && gave === null) return REFUSED
  return { decision: answer === 'HIT' || answer === 'SHARED' ? 'CACHED' : 'LIVE', origin }
}

/** What is not open gives nothing; what failed one read may have answered another, and is rather said to have given too much. */
function mayGiveOfSystems({ systems, refusals }: Audit): boolean {
  if (refusals.length === 0) return systems.size > 0
  const isClosed = (key: string) => refusals.some(({ system, code }) => system === key && code === 'SYSTEM_NOT_OPEN')
  return [...systems].some(system => !isClosed(system))
}
