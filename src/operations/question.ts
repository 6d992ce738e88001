import { canonicalJson, keyOf } from '../model/key.ts'
import type { Variables } from './cost.ts'
import type { Plan } from './plan.ts'

/**
 * What is asked, whoever asks it: an operation with its variables. Made once for all who ask the same, and immutable.
 * It holds no fact about a viewer, so it says nothing of who may ask it or what the answer is.
 */
export interface Question {
  readonly plan: Plan
  /** As the plan coerced them, defaults included. */
  readonly variables: Variables
  /** What asking it costs, in whole units of the cost directives, at least 1. */
  readonly cost: number
  /** Names the question: equal for equal meaning and equal variables, however they were written. */
  readonly key: string
}

/** Whatever is asked, it is read, planned and answered. */
const LEAST_COST = 1

/** @throws GatewayError `BAD_USER_INPUT` where the variables are not the operation's */
export function questionOf(plan: Plan, raw: Variables | undefined): Question {
  const variables = plan.coerceVariables(raw)
  // In whole units, because budgets count in them and weights are decimals.
  const cost = Math.max(LEAST_COST, Math.ceil(plan.costOf(variables)))
  return { plan, variables, cost, key: keyOf(plan.meaning, canonicalJson(variables)) }
}
