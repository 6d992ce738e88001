import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Budget } from '../admission/budget.ts'
import type { Authenticated, Authenticator } from '../identity/authenticate.ts'
import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'
import { auditViewer } from './audit.ts'
import { registerCostReport } from './cost-report.ts'
import { assertJsonBody } from './media-types.ts'
import type { RateLimitFields } from './rate-limit-fields.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is asking. Throws before authentication and on routes without it, so nothing can run for nobody. */
    readonly viewer: Viewer
    asker: Authenticated | undefined
  }
}

export const GRAPHQL_PATH = '/graphql'

export interface GraphqlRouteOptions {
  /** @throws GatewayError UNAUTHENTICATED */
  readonly authenticate: Authenticator
  /** Answers; finds the viewer on the request and the body, if it is a POST, as its bytes. */
  readonly handler: RouteHandlerMethod
  readonly rateLimitFields: RateLimitFields
  readonly budget: (viewer: Viewer) => Promise<Budget>
}

/**
 * GET and POST /graphql: who is asking is settled before a byte of the body is read, then the media types, then the
 * body. Called by the composition root with what answers; never looks into an operation.
 */
export function registerGraphqlRoute(app: FastifyInstance, options: GraphqlRouteOptions): void {
  const { authenticate, handler, rateLimitFields, budget } = options
  // A place in every request from its construction on.
  app.decorateRequest('asker')
  app.decorateRequest('viewer', {
    getter(this: FastifyRequest): Viewer {
      if (this.asker === undefined) throw new TypeError('the viewer was asked for before authentication')
      return this.asker.viewer
    },
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (request.asker !== undefined) {
      const [policyName, policy, name, value] = rateLimitFields(request.asker.viewer)
      reply.raw.setHeader(policyName, policy).setHeader(name, value)
    }
    done()
  })
  registerCostReport(app, budget)
  app.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    // With a callback: whom the gateway knows is let in without a wait.
    onRequest: (request, reply, done) => {
      const letIn = (asker: Authenticated) => {
        const { viewer, nonce } = asker
        request.asker = asker
        auditViewer(request.audit, viewer)
        // On Node's response rather than on Fastify's: whoever writes the answer, it stands.
        if (nonce !== undefined) reply.raw.setHeader('dpop-nonce', nonce)
        assertMediaTypes(request)
        done()
      }
      const refuse = (thrown: unknown) => done(thrown as Error)
      try {
        const asker = authenticate(request.credentials)
        if (asker instanceof Promise) asker.then(letIn).catch(refuse)
        else letIn(asker)
      } catch (thrown) {
        refuse(thrown)
      }
    },
    handler,
  })
}

function assertMediaTypes({ method, headers, server }: FastifyRequest): void {
  if (server.answerForms.mediaType(headers.accept) === null)
    throw new GatewayError(
      'NOT_ACCEPTABLE',
      'Answers are application/graphql-response+json or application/json; Accept names neither.',
    )
  if (method === 'POST') assertJsonBody(headers['content-type'], headers['content-encoding'])
}
