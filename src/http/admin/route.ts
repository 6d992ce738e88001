import type { FastifyInstance, RouteOptions } from 'fastify'
import { GatewayError } from '../../model/errors.ts'

/** One path of the admin listener with the one method that it takes. */
export interface AdminRoute {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly handler: RouteOptions['handler']
  /** Runs before a byte of the body is read. */
  readonly onRequest?: (request: Parameters<RouteOptions['handler']>[0]) => Promise<void>
  /** Longest body, in bytes; for a route that takes one. */
  readonly bodyLimit?: number
}

/** Registers a route, and a refusal in words for every other method on its path, before a body is read. */
export function registerAdminRoute(app: FastifyInstance, route: AdminRoute): void {
  const { method, url } = route
  app.route(route)
  app.route({
    method: app.supportedMethods.filter(other => other !== method),
    url,
    onRequest: async (_request, reply) => {
      reply.header('allow', method)
      throw new GatewayError('METHOD_NOT_ALLOWED', `This path takes ${method}.`)
    },
    // Never reached; Fastify wants one.
    handler: async () => undefined,
  })
}
