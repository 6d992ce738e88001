import type { SystemKey, SystemLifecycle } from '../../../src/model/system.ts'
import { fold } from '../../../src/recovery/fold/fold.ts'
import type { GuardContext } from '../../../src/recovery/lifecycle/guard.ts'
import type { GuardResult } from '../../../src/recovery/lifecycle/guard-result.ts'
import type { Observation } from '../../../src/recovery/lifecycle/observation.ts'
import { judge } from '../../../src/recovery/lifecycle/steps.ts'
import type { Statement, StatementOf } from '../../../src/recovery/statements/statement-kinds.ts'
import { at, emptySnapshot, msAt, PARTS, POLICY, RULES, recorded } from '../fold/statements.ts'

/** Guards asked in a story: what was accepted, what is asked for, when, and what the gateway sees. */

export interface Story {
  readonly accepted: readonly Statement[]
  /** Null: somebody only wants to know. */
  readonly asks?: StatementOf<'lifecycle-transition'> | null
  readonly to?: SystemLifecycle
  readonly system?: SystemKey
  readonly hours: number
  readonly observation?: Observation | null
  readonly rules?: GuardContext['rules']
}

/** A system as it should be. */
export const SOUND: Observation = {
  at: at(5),
  asOf: at(31),
  readOnlyProven: true,
  writeAccepted: false,
  totals: { part: { rows: 1_000, sums: { quantity: '52000.5' } } },
  reads: { answered: 100, failed: 0 },
  failure: null,
}

export function judgeStory(story: Story): readonly GuardResult[] {
  const { accepted, asks = null, system = PARTS, hours, observation = SOUND, rules = RULES } = story
  const { state } = fold(emptySnapshot(), recorded(accepted), RULES)
  const context: GuardContext = {
    state,
    system: state.systems[system],
    transition: asks && { claims: asks.claims, signedBy: asks.signedBy },
    observation,
    policy: POLICY,
    nowMs: msAt(hours),
    rules,
  }
  return judge(context, story.to ?? asks?.claims.to ?? 'ISOLATED')
}
