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
  // Weights are decimals; budgets count in whole units.
  await spend(viewer, Math.ceil(plan.costOf(variables)))
  return { plan, variables }
}
