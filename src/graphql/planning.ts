import type { ApolloServerPlugin } from '@apollo/server'
import type { Viewer } from '../model/viewer.ts'
import type { Plan, Planner } from '../operations/plan.ts'
import type { RequestContext } from './context.ts'
import { planOperation } from './planned-operation.ts'

/**
 * Between parsing and execution: makes the operation's plan, checks the viewer's scopes against it, and spends its
 * cost. Whatever throws here refuses the whole operation, before any cache is read and any resolver runs; what is left
 * is noted as asked.
 */
export function planning(
  planner: Planner,
  spend: (viewer: Viewer, cost: number) => Promise<void>,
  note: (plan: Plan, viewer: Viewer) => void = () => {},
): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      async didResolveOperation({ source, document, request, contextValue }) {
        const { operationName, variables: raw } = request
        const asked = { source, document, operationName, variables: raw, kind: 'query' } as const
        const { plan, variables } = await planOperation({ planner, spend }, asked, contextValue.viewer)
        note(plan, contextValue.viewer)
        contextValue.plan = plan
        contextValue.variables = variables
      },
    }),
  }
}
