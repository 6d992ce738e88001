import type { SystemKey } from '../../model/system.ts'
import type { RecoveryPolicy } from '../policy.ts'
import type { RecoveryState } from '../state.ts'
import type { TransitionClaims } from '../statements/kinds/lifecycle-transition.ts'
import type { Signatory } from '../statements/signatory.ts'
import type { SystemState } from '../system-state.ts'
import type { CsfCode, GuardResult } from './guard-result.ts'
import type { Observation } from './observation.ts'
import type { Rules } from './rules.ts'

/** A guard: data about it, and a pure predicate that says what it found. */

/** All that a guard may know. */
export interface GuardContext {
  readonly state: RecoveryState
  readonly system: SystemState
  /** The transition that asks; null: somebody only wants to know, and what a transition must bring is MISSING. */
  readonly transition: { readonly claims: TransitionClaims; readonly signedBy: Signatory } | null
  /** What the gateway itself sees of the system now; null: it has not looked. */
  readonly observation: Observation | null
  readonly policy: RecoveryPolicy
  readonly nowMs: number
  /** Which keys are withdrawn. */
  readonly rules: Pick<Rules, 'withdrawalOf'>
}

export interface Guard {
  readonly name: string
  readonly code: CsfCode | null
  /** Whether it needs the gateway to look at the system: such guards are asked only once all others have passed. */
  readonly observes: boolean
  /** The systems that it is for; null: all. */
  readonly systems: readonly SystemKey[] | null
  check(context: GuardContext): Pick<GuardResult, 'outcome' | 'reason'>
}
