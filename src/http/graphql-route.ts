import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Authenticator } from '../identity/authenticate.ts'
import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'
import { acceptedMediaType, assertJsonBody } from './media-types.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is asking. Throws before authentication and on routes without it, so nothing can run for nobody. */
    readonly viewer: Viewer
  }
}

const GRAPHQL_PATH = '/graphql'

export interface GraphqlRouteOptions {
  /** @throws GatewayError UNAUTHENTICATED */
  readonly authenticate: Authenticator
  /** Speaks GraphQL over HTTP; finds the viewer on the request and the parsed body, if it is a POST. */
  readonly handler: RouteHandlerMethod
}

/**
 * GET and POST /graphql: who is asking is settled before a byte of the body is read, then the media types, then the
 * body. Called by the composition root with the handler of the protocol; never looks into an operation.
 */
export function registerGraphqlRoute(app: FastifyInstance, { authenticate, handler }: GraphqlRouteOptions): void {
  const viewers = new WeakMap<FastifyRequest, Viewer>()

  app.decorateRequest('viewer', {
    getter(this: FastifyRequest): Viewer {
      const viewer = viewers.get(this)
      if (viewer === undefined) throw new TypeError('the viewer was asked for before authentication')
      return viewer
    },
  })
  app.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    onRequest: async (request, reply) => {
      const asker = await authenticate(request.credentials)
      viewers.set(request, asker.viewer)
      // On Node's response rather than on Fastify's: whoever writes the answer, it stands.
      if (asker.nonce !== undefined) reply.raw.setHeader('dpop-nonce', asker.nonce)
      if (acceptedMediaType(request.headers.accept) === null)
        throw new GatewayError(
          'NOT_ACCEPTABLE',
          'Answers are application/graphql-response+json or application/json; Accept names neither.',
        )
      if (request.method === 'POST')
        assertJsonBody(request.headers['content-type'], request.headers['content-encoding'])
    },
    handler,
  })
}
