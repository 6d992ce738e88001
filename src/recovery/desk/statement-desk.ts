import type { Clock } from '../../model/clock.ts'
import { ensureError } from '../../model/errors.ts'
import { ClockProblem } from '../journal/clock-problem.ts'
import { type Journal, JournalFault } from '../journal/journal.ts'
import type { Observation } from '../lifecycle/observation.ts'
import type { ClosingRecord } from '../live/closing-record.ts'
import type { Following } from '../live/following.ts'
import type { Recovery } from '../recovery.ts'
import { StatementRefusal } from '../statements/refusal.ts'
import type { Statement } from '../statements/statement-kinds.ts'
import type { StatementVerifier } from '../statements/verify.ts'
import type { Desk, Receipt } from './desk.ts'
import type { StatementJudge } from './statement-judge.ts'

/**
 * Takes statements in: verified, judged against the state as it is at that moment, appended, one after the other. What
 * is refused changes nothing. Looking at a system comes before its turn, so nobody waits for a system but who asks for it.
 */
export interface StatementDeskOptions {
  readonly recovery: Recovery
  readonly journal: Journal
  readonly following: Following
  readonly closings: ClosingRecord
  readonly verifier: StatementVerifier
  readonly judge: StatementJudge
  /** Must not run back. */
  readonly clock: Clock
}

/** Other instances may be first a few times; more often than this somebody is flooding the journal. */
const MOST_ATTEMPTS = 10

export function createStatementDesk(options: StatementDeskOptions): Desk {
  const { recovery, journal, following, closings, verifier, judge, clock } = options
  let queue: Promise<unknown> = Promise.resolve()

  /** One after the other, so that each is judged against what the one before has made of the state. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work)
    queue = done.catch(() => {})
    return done
  }

  /** The journal read to its end, and everything that the gateway has closed written into it. */
  async function settle(): Promise<void> {
    try {
      await following.catchUp()
      await closings.settle()
    } catch (thrown) {
      throw unavailable(thrown, 'the journal is out of reach, so nothing can be accepted; try again')
    }
  }

  async function verified(token: string): Promise<Statement> {
    const statement = await verifier.verify(token, clock.now())
    if (statement.kind === 'automatic-closing')
      throw new StatementRefusal(
        'WRONG_ROLE',
        'an automatic closing is written by the gateway itself and by nobody else',
      )
    const place = following.find(statement.id)
    if (place !== undefined) throw replayed(statement, place.sequence)
    return statement
  }

  /** Null: the state has changed meanwhile, and it has to be judged again. */
  async function append(token: string, observation: Observation | null): Promise<Receipt | null> {
    await settle()
    const statement = await verified(token)
    const { guards, before } = judge.judge(statement, observation)
    // What was closed while the statement was verified is in the state by now.
    if (recovery.current() !== before) return null
    const outcome = await journal.append(statement, guards, before.state.head.sequence).catch((thrown: unknown) => {
      throw unavailable(
        thrown,
        'the journal could not be written; whether the statement is in it shows when it can be read again: submit it again then',
      )
    })
    if (outcome === 'behind') return null
    await settle().catch((thrown: unknown) => {
      // It stands in the journal: to say that nothing was accepted would be wrong.
      if (following.find(statement.id) === undefined) throw thrown
    })
    const place = following.find(statement.id)
    if (outcome === 'replayed' || place === undefined) throw replayed(statement, place?.sequence)
    return { ...place, statement, guards }
  }

  return {
    async submit(token) {
      await settle()
      const observation = await judge.look(await verified(token))
      return inTurn(async () => {
        for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
          const receipt = await append(token, observation)
          if (receipt !== null) return receipt
        }
        throw new StatementRefusal(
          'JOURNAL_OUT_OF_REACH',
          'the journal is being written by others without a pause; try again',
        )
      })
    },
    async preview(token) {
      try {
        await settle()
        const statement = await verified(token)
        const { guards, before, after } = judge.judge(statement, await judge.look(statement))
        return { refusal: null, guards, before: before.state, after: after.state }
      } catch (thrown) {
        if (!(thrown instanceof StatementRefusal)) throw thrown
        const { state } = recovery.current()
        return { refusal: thrown, guards: thrown.guards, before: state, after: state }
      }
    },
    check: judge.check,
  }
}

function replayed({ id }: Statement, sequence: number | undefined): StatementRefusal {
  const place = sequence === undefined ? 'the journal' : `entry ${sequence} of the journal`
  return new StatementRefusal('REPLAYED', `the statement ${id} stands in ${place} already; sign a new one`)
}

function unavailable(thrown: unknown, outOfReach: string): StatementRefusal {
  const cause = ensureError(thrown)
  if (cause instanceof ClockProblem) return new StatementRefusal('JOURNAL_OUT_OF_REACH', cause.message, { cause })
  return cause instanceof JournalFault
    ? new StatementRefusal(
        'JOURNAL_NOT_VERIFIED',
        `the journal does not verify, so nothing is accepted and nothing opens: ${cause.message}`,
        { cause },
      )
    : new StatementRefusal('JOURNAL_OUT_OF_REACH', outOfReach, { cause })
}
