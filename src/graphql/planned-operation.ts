import type { DocumentNode } from 'graphql'
import type { Viewer } from '../model/viewer.ts'
import { authorize } from '../operations/authorize.ts'
import type { Variables } from '../operations/cost.ts'
import type { OperationKind, Plan, Planner } from '../operations/plan.ts'

/**
 * The steps between a parsed document and its execution, the same for an operation that is answered and one that is
 * streamed: plan, scopes, variables, cost. Whatever throws here refuses the whole operation, before anything is read.
 */
export interface PlanningSteps {
  readonly planner: Planner
  /** Refuses an operation that is too dear for the viewer, and spends its cost otherwise. */
  readonly spend: (viewer: Viewer, cost: number) => Promise<void>
}

export interface AskedOperation {
  /** The text that the document was parsed from. */
  readonly source: string
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variables: Variables | undefined
  /** What may be asked where it was asked. */
  readonly kind: OperationKind
  /** Whether its document is to be kept for the client, to be asked again by its hash. */
  readonly isRegistered?: boolean
}

export interface PlannedOperation {
  readonly plan: Plan
  /** As the plan coerced them, defaults included. */
  readonly variables: Variables
}

/** @throws GatewayError, and then nothing has run */
export async function planOperation(
  { planner, spend }: PlanningSteps,
  asked: AskedOperation,
  viewer: Viewer,
): Promise<PlannedOperation> {
  const plan = planner.planFor(asked.source, asked.document, asked.operationName, asked.kind)
  authorize(plan, viewer)
  const variables = plan.coerceVariables(asked.variables)
  await spend(viewer, costOf(asked, plan.costOf(variables)))
  return { plan, variables }
}

/** Whatever is asked, it is read, planned and answered. */
const LEAST_COST = 1
const REGISTERED_CHARACTERS_A_UNIT = 1_000

/** In whole units, because budgets count in them and weights are decimals. */
function costOf({ source, isRegistered = false }: AskedOperation, weight: number): number {
  const registration = isRegistered ? Math.ceil(source.length / REGISTERED_CHARACTERS_A_UNIT) : 0
  return Math.max(LEAST_COST, Math.ceil(weight)) + registration
}
