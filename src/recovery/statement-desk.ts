import type { Clock } from '../model/clock.ts'
import { ensureError } from '../model/errors.ts'
import type { SystemKey, SystemLifecycle } from '../model/system.ts'
import type { ClosingRecord } from './closing-record.ts'
import type { Desk, Preview } from './desk.ts'
import { contradictionOf } from './fold/contradiction.ts'
import { fold } from './fold/fold.ts'
import type { Following } from './following.ts'
import type { GuardResult } from './guard-result.ts'
import { type Journal, JournalFault } from './journal/journal.ts'
import type { Observation } from './lifecycle/observation.ts'
import type { Rules } from './lifecycle/rules.ts'
import { guardsOf, judge, nextStep } from './lifecycle/steps.ts'
import type { Recovery, RecoverySnapshot } from './state.ts'
import { StatementRefusal } from './statements/refusal.ts'
import type { Statement, StatementOf } from './statements/statement-kinds.ts'
import type { StatementVerifier } from './statements/verify.ts'
import { systemOf } from './statements/vocabulary.ts'

/**
 * Takes statements in, one after the other: verified, judged against the state as it is at that moment, appended. What
 * is refused changes nothing. The system is looked at only once everything else about a step holds.
 */
export interface StatementDeskOptions {
  readonly recovery: Recovery
  readonly journal: Journal
  readonly following: Following
  readonly closings: ClosingRecord
  readonly verifier: StatementVerifier
  readonly rules: Rules
  /** Must not run back. */
  readonly clock: Clock
  readonly isKnownSite: (bpns: string) => boolean
  /** Looks at a system now: totals of these relations, freshness, a refused write. */
  readonly examine: (system: SystemKey, relations: readonly string[]) => Promise<Observation>
}

interface Judged {
  readonly statement: Statement
  readonly guards: readonly GuardResult[]
  /** The state that it was judged on, and what it makes of that. */
  readonly before: RecoverySnapshot
  readonly after: RecoverySnapshot
}

/** Other instances may be first a few times; more often than this somebody is flooding the journal. */
const MOST_ATTEMPTS = 10

export function createStatementDesk(options: StatementDeskOptions): Desk {
  const { recovery, journal, following, closings, verifier, rules, clock, isKnownSite, examine } = options
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

  /** Throws where the statement is refused; the guards that it passed otherwise. */
  async function judged(token: string): Promise<Judged> {
    const statement = await verifier.verify(token, clock.now())
    if (statement.kind === 'automatic-closing')
      throw new StatementRefusal(
        'WRONG_ROLE',
        'an automatic closing is written by the gateway itself and by nobody else',
      )
    const place = following.find(statement.id)
    if (place !== undefined) throw replayed(statement, place.sequence)
    const before = recovery.current()
    const contradiction = contradictionOf(statement, before.state, { isKnownSite })
    if (contradiction !== null) throw new StatementRefusal('CONTRADICTION', contradiction)
    const guards = statement.kind === 'lifecycle-transition' ? await judgeStep(statement) : []
    const unmet = guards.filter(({ outcome }) => outcome !== 'PASSED')
    if (unmet.length > 0) {
      const reasons = unmet.map(({ guard, outcome, reason }) => `${guard} ${outcome}: ${reason}`)
      throw new StatementRefusal('GUARD_UNMET', reasons.join('; '), { guards })
    }
    return { statement, guards, before, after: foldedOn(before, statement, guards) }
  }

  /** Before it is written: an entry that no state can be made of would stop every instance for good. */
  function foldedOn(before: RecoverySnapshot, statement: Statement, guards: readonly GuardResult[]): RecoverySnapshot {
    const { sequence, hash } = before.state.head
    const recordedAt = new Date(clock.now()).toISOString()
    return fold(before, [{ sequence: sequence + 1, hash, recordedAt, statement, guards }], rules)
  }

  async function judgeStep(statement: StatementOf<'lifecycle-transition'>): Promise<readonly GuardResult[]> {
    const { claims, signedBy } = statement
    const system = systemOf(claims.sub)
    const without = guardsAt(system, claims.to, { claims, signedBy }, null)
    const observing = new Set(guardsOf(claims.to).flatMap(({ name, observes }) => (observes ? [name] : [])))
    const isSettled = without.some(({ guard, outcome }) => outcome !== 'PASSED' && !observing.has(guard))
    if (isSettled || observing.size === 0) return without
    return guardsAt(system, claims.to, { claims, signedBy }, await look(system))
  }

  function guardsAt(
    system: SystemKey,
    to: SystemLifecycle,
    transition: Parameters<typeof judge>[0]['transition'],
    observation: Observation | null,
  ): readonly GuardResult[] {
    const { state } = recovery.current()
    return judge(
      {
        state,
        system: state.systems[system],
        transition,
        observation,
        policy: rules.policy,
        nowMs: clock.now(),
        rules,
      },
      to,
    )
  }

  function look(system: SystemKey): Promise<Observation> {
    const { attestations } = recovery.current().state.systems[system]
    return examine(system, [...new Set(attestations.flatMap(({ totals }) => Object.keys(totals)))])
  }

  return {
    submit: token =>
      inTurn(async () => {
        for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
          await settle()
          const { statement, guards, before } = await judged(token)
          // Looking at a system takes a while, in which it may have been closed.
          if (recovery.current() !== before) continue
          const outcome = await append(statement, guards, before.state.head.sequence)
          if (outcome === 'behind') continue
          await settle()
          const place = following.find(statement.id)
          if (outcome === 'replayed' || place === undefined) throw replayed(statement, place?.sequence)
          return { ...place, statement, guards }
        }
        throw new StatementRefusal(
          'JOURNAL_OUT_OF_REACH',
          'the journal is being written by others without a pause; try again',
        )
      }),
    preview: token =>
      inTurn(async (): Promise<Preview> => {
        const unchanged = (refusal: StatementRefusal, { state } = recovery.current()): Preview => ({
          refusal,
          guards: refusal.guards,
          before: state,
          after: state,
        })
        try {
          await settle()
          const { guards, before, after } = await judged(token)
          return { refusal: null, guards, before: before.state, after: after.state }
        } catch (thrown) {
          if (thrown instanceof StatementRefusal) return unchanged(thrown)
          throw thrown
        }
      }),
    async check(system, wanted) {
      const { lifecycle: from } = recovery.current().state.systems[system]
      const to = wanted ?? nextStep(from)
      if (to === null) return { system, from, to, guards: [] }
      const observes = guardsOf(to).some(guard => guard.observes)
      return { system, from, to, guards: guardsAt(system, to, null, observes ? await look(system) : null) }
    },
  }

  async function append(statement: Statement, guards: readonly GuardResult[], judgedOn: number) {
    try {
      return await journal.append(statement, guards, judgedOn)
    } catch (thrown) {
      throw unavailable(
        thrown,
        'the journal could not be written; whether the statement is in it shows when it can be read again: submit it again then',
      )
    }
  }
}

function replayed({ id }: Statement, sequence: number | undefined): StatementRefusal {
  const place = sequence === undefined ? 'the journal' : `entry ${sequence} of the journal`
  return new StatementRefusal('REPLAYED', `the statement ${id} stands in ${place} already; sign a new one`)
}

function unavailable(thrown: unknown, outOfReach: string): StatementRefusal {
  const cause = ensureError(thrown)
  return cause instanceof JournalFault
    ? new StatementRefusal(
        'JOURNAL_NOT_VERIFIED',
        `the journal does not verify, so nothing is accepted and nothing opens: ${cause.message}`,
        { cause },
      )
    : new StatementRefusal('JOURNAL_OUT_OF_REACH', outOfReach, { cause })
}
