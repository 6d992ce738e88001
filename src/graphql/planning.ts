import type { ApolloServerPlugin } from '@apollo/server'
import type { RequestContext } from './context.ts'
import { type Note, type PlanningSteps, planOperation } from './planned-operation.ts'

/**
 * Between parsing and execution: makes the operation's plan, checks the viewer's scopes against it, and spends its
 * cost. Whatever throws here refuses the whole operation, before any cache is read, any resolver runs and its document is
 * kept; what is left is noted as asked.
 */
export interface PlanningOptions extends PlanningSteps {
  readonly note?: Note | undefined
  /** Is told of every document that is registered with an operation that is let in. */
  readonly share: (document: string, partner: string) => void
}

export function planning(options: PlanningOptions): ApolloServerPlugin<RequestContext> {
  const { note = () => {}, share } = options
  return {
    requestDidStart: async () => ({
      async didResolveOperation({ source, document, request, metrics, contextValue }) {
        const { operationName, variables: raw } = request
        const { viewer } = contextValue
        const isRegistered = metrics.persistedQueryRegister === true
        const isByHash = metrics.persistedQueryHit === true
        const asked = {
          source,
          document,
          operationName,
          variables: raw,
          kind: 'query',
          isRegistered,
          isByHash,
        } as const
        const question = await planOperation(options, asked, viewer)
        if (isRegistered) share(source, viewer.partner.bpnl)
        note(question, viewer)
        contextValue.observer?.planned(question)
        contextValue.plan = question.plan
        contextValue.variables = question.variables
      },
    }),
  }
}
