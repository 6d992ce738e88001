import type { ApolloServerPlugin } from '@apollo/server'
import type { Viewer } from '../model/viewer.ts'
import { authorize } from '../operations/authorize.ts'
import type { Planner } from '../operations/plan.ts'
import type { RequestContext } from './context.ts'

/**
 * Between parsing and execution: makes the operation's plan, checks the viewer's scopes against it, and spends its
 * cost. Whatever throws here refuses the whole operation, before any cache is read and any resolver runs.
 */
export function planning(
  planner: Planner,
  spend: (viewer: Viewer, cost: number) => Promise<void>,
): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      async didResolveOperation({ source, document, request, contextValue }) {
        const plan = planner.planFor(source, document, request.operationName)
        authorize(plan, contextValue.viewer)
        const variables = plan.coerceVariables(request.variables)
        // Weights are decimals; budgets count in whole units.
        await spend(contextValue.viewer, Math.ceil(plan.costOf(variables)))
        contextValue.plan = plan
        contextValue.variables = variables
      },
    }),
  }
}
