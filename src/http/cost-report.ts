import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Budget } from '../admission/budget.ts'
import type { Viewer } from '../model/viewer.ts'

/**
 * What an operation cost and what is left, in the answer's `extensions.cost`, for whoever asks with the header
 * `GraphQL-Cost: report`. Registered by the GraphQL route: it stands where every answer passes that the framework sends, so
 * an answer with a report is sent by the framework, whatever road made it.
 */
const HEADER = 'graphql-cost'

export function asksForCost(headers: IncomingHttpHeaders): boolean {
  return headers[HEADER] === 'report'
}

/** @param budget as `viewer { budget }` has it */
export function registerCostReport(app: FastifyInstance, budget: (viewer: Viewer) => Promise<Budget>): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const { asker, headers, audit } = request
    if (asker === undefined || typeof payload !== 'string' || !asksForCost(headers)) return payload
    const answer = JSON.parse(payload) as { readonly extensions?: object }
    const cost = { operationCost: audit.cost, ...(await budget(asker.viewer)) }
    const reported = JSON.stringify({ ...answer, extensions: { ...answer.extensions, cost } })
    // It is true of this one request.
    reply.removeHeader('age')
    reply.headers({ 'cache-control': 'no-store', 'content-length': Buffer.byteLength(reported) })
    return reported
  })
}
