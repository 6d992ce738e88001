import type { Clock } from '../../model/clock.ts'
import type { SystemKey, SystemLifecycle } from '../../model/system.ts'
import { contradictionOf } from '../fold/contradiction.ts'
import { fold } from '../fold/fold.ts'
import type { Known } from '../fold/known.ts'
import { withdrawnKeyProblem } from '../fold/withdrawn-key.ts'
import { attestedRelations } from '../lifecycle/attested-relations.ts'
import type { GuardContext } from '../lifecycle/guard.ts'
import type { GuardResult } from '../lifecycle/guard-result.ts'
import type { Observation } from '../lifecycle/observation.ts'
import type { Rules } from '../lifecycle/rules.ts'
import { guardsOf, isStep, judge, nextStep } from '../lifecycle/steps.ts'
import type { Recovery, RecoverySnapshot } from '../recovery.ts'
import { StatementRefusal } from '../statements/refusal.ts'
import type { Statement } from '../statements/statement-kinds.ts'
import { systemOf } from '../statements/vocabulary.ts'
import type { Check } from './desk.ts'

/**
 * Judges statements against the state as it is: what they contradict, and for a step every guard. Called by the desk. A
 * system is looked at only once everything else about its step holds, and by one at a time.
 */
export interface StatementJudge {
  /** What a step needs to be seen of its system; null: nothing, or it is refused without. Takes as long as the system does. */
  look(statement: Statement): Promise<Observation | null>
  /** Throws `StatementRefusal`. */
  judge(statement: Statement, observation: Observation | null): Judged
  check(system: SystemKey, to: SystemLifecycle | null): Promise<Check>
}

export interface Judged {
  readonly guards: readonly GuardResult[]
  /** The state that it was judged on, and what it makes of that. */
  readonly before: RecoverySnapshot
  readonly after: RecoverySnapshot
}

export interface StatementJudgeOptions {
  readonly recovery: Recovery
  readonly rules: Rules
  /** Must not run back. */
  readonly clock: Clock
  readonly known: Known
  /** Looks at a system now: totals of these relations, freshness, a refused write. */
  readonly examine: (system: SystemKey, relations: readonly string[]) => Promise<Observation>
}

type AskedStep = GuardContext['transition']

export function createStatementJudge({
  recovery,
  rules,
  clock,
  known,
  examine,
}: StatementJudgeOptions): StatementJudge {
  const looks = new Map<SystemKey, Promise<Observation>>()

  function guardsAt(
    system: SystemKey,
    to: SystemLifecycle,
    transition: AskedStep,
    observation: Observation | null,
  ): readonly GuardResult[] {
    const { state } = recovery.current()
    const { policy } = rules
    const nowMs = clock.now()
    return judge({ state, system: state.systems[system], transition, observation, policy, nowMs, rules }, to)
  }

  /** Who asks while one looks gets what that one sees: a restored system is fragile. */
  function lookAt(system: SystemKey): Promise<Observation> {
    const known = looks.get(system)
    if (known !== undefined) return known
    const looking = examine(system, attestedRelations(recovery.current().state.systems[system])).finally(() =>
      looks.delete(system),
    )
    looks.set(system, looking)
    return looking
  }

  function assertFollows(statement: Statement, { state }: RecoverySnapshot): void {
    const withdrawn = withdrawnKeyProblem(statement, state)
    if (withdrawn !== null) throw new StatementRefusal('KEY_WITHDRAWN', withdrawn)
    const contradiction = contradictionOf(statement, state, known)
    if (contradiction !== null) throw new StatementRefusal('CONTRADICTION', contradiction)
  }

  return {
    async look(statement) {
      if (statement.kind !== 'lifecycle-transition') return null
      assertFollows(statement, recovery.current())
      const { claims, signedBy } = statement
      const system = systemOf(claims.sub)
      const observing = new Set(guardsOf(claims.to).flatMap(({ name, observes }) => (observes ? [name] : [])))
      const isRefused = guardsAt(system, claims.to, { claims, signedBy }, null).some(
        ({ guard, outcome }) => outcome !== 'PASSED' && !observing.has(guard),
      )
      return isRefused || observing.size === 0 ? null : lookAt(system)
    },
    judge(statement, observation) {
      const before = recovery.current()
      assertFollows(statement, before)
      const guards =
        statement.kind === 'lifecycle-transition'
          ? guardsAt(systemOf(statement.claims.sub), statement.claims.to, statement, observation)
          : []
      const unmet = guards.filter(({ outcome }) => outcome !== 'PASSED')
      if (unmet.length > 0) {
        const reasons = unmet.map(({ guard, outcome, reason }) => `${guard} ${outcome}: ${reason}`)
        throw new StatementRefusal('GUARD_UNMET', reasons.join('; '), { guards })
      }
      const { sequence, hash } = before.state.head
      const recordedAt = new Date(clock.now()).toISOString()
      // Before it is written: an entry that no state can be made of would stop every instance for good.
      const after = fold(before, [{ sequence: sequence + 1, hash, recordedAt, statement, guards }], rules)
      return { guards, before, after }
    },
    async check(system, wanted) {
      const { lifecycle: from } = recovery.current().state.systems[system]
      const to = wanted ?? nextStep(from)
      if (to === null) return { system, from, to, guards: [] }
      const isWorthALook = isStep(from, to) && guardsOf(to).some(guard => guard.observes)
      return { system, from, to, guards: guardsAt(system, to, null, isWorthALook ? await lookAt(system) : null) }
    },
  }
}
