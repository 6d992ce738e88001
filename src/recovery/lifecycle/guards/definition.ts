import type { SystemKey } from '../../../model/system.ts'
import type { TransitionClaims } from '../../statements/kinds/lifecycle-transition.ts'
import type { Guard, GuardContext } from '../guard.ts'
import type { CsfCode, GuardResult } from '../guard-result.ts'
import type { Observation } from '../observation.ts'

/** The words that guards are written in. Called by the guards of each step; it judges nothing itself. */

export type Finding = Pick<GuardResult, 'outcome' | 'reason'>

export const passed = (reason: string): Finding => ({ outcome: 'PASSED', reason })
export const failed = (reason: string): Finding => ({ outcome: 'FAILED', reason })
export const missing = (reason: string): Finding => ({ outcome: 'MISSING', reason })

/** A guard that judges statements and state alone. */
export function defineGuard(
  name: string,
  code: CsfCode | null,
  check: (context: GuardContext) => Finding,
  systems: readonly SystemKey[] | null = null,
): Guard {
  return { name, code, observes: false, systems, check }
}

/** A guard that judges what the gateway itself sees of the system; MISSING while it has not looked, or could not. */
export function defineObservingGuard(
  name: string,
  code: CsfCode | null,
  check: (observation: Observation, context: GuardContext) => Finding,
): Guard {
  return {
    name,
    code,
    observes: true,
    systems: null,
    check(context) {
      const { observation } = context
      if (observation === null)
        return missing('Not looked at yet: the gateway looks once every other guard has passed.')
      if (observation.failure !== null) {
        return missing(`The gateway could not look at the system at ${observation.at}: ${observation.failure}`)
      }
      return check(observation, context)
    },
  }
}

/** What the transition says, if there is one and it is this step. */
export function claimsFor<T extends TransitionClaims['to']>(
  { transition }: GuardContext,
  to: T,
): Extract<TransitionClaims, { readonly to: T }> | null {
  return transition !== null && isStepTo(transition.claims, to) ? transition.claims : null
}

function isStepTo<T extends TransitionClaims['to']>(
  claims: TransitionClaims,
  to: T,
): claims is Extract<TransitionClaims, { readonly to: T }> {
  return claims.to === to
}
