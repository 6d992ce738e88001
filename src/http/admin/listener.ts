import Fastify, { type FastifyInstance } from 'fastify'
import { GatewayError } from '../../model/errors.ts'
import type { Log } from '../../observe/log.ts'
import { registerDrain } from '../drain.ts'
import { trackInFlight } from '../in-flight.ts'
import { SECURITY_HEADERS } from '../security-headers.ts'
import { DEFAULT_EDGE_LIMITS, listenerOptions } from '../server.ts'
import { createAdminErrorHandler } from './errors.ts'
import { registerOperatorRoutes } from './operator.ts'
import type { OperatorPort } from './port.ts'
import { type AdminRoute, registerAdminRoute } from './route.ts'

/**
 * The admin listener, on a port that partners cannot reach: health and metrics for the platform that runs the gateway,
 * statements and reads for its operators. Built by the composition root; changes nothing but through a signed statement.
 */

export interface Readiness {
  /** False: nothing can be answered, not even why a system is closed. A closed system or a lost journal is no reason. */
  readonly ready: boolean
  /** Anything else that an operator should see, per system; JSON-safe. */
  readonly [detail: string]: unknown
}

export interface AdminServerOptions {
  readonly readiness: () => Promise<Readiness>
  /** Metrics in the Prometheus text exposition format 0.0.4. */
  readonly metrics: () => string | Promise<string>
  /** Null: the restart has no journal here, and there are no routes for operators. */
  readonly operator: OperatorPort | null
  /** The configured address of this listener: beside loopback, the only Host that operators may ask for. Default 127.0.0.1. */
  readonly host?: string
  readonly log: Log
}

export function createAdminServer(options: AdminServerOptions): FastifyInstance {
  const { operator, host = '127.0.0.1', log } = options
  const refuse = createAdminErrorHandler(log)
  const app = Fastify({
    ...listenerOptions(DEFAULT_EDGE_LIMITS),
    frameworkErrors: (error, request, reply) => void refuse(error, request, reply),
  })
  registerDrain(app, trackInFlight(app.server))

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-request-id': request.id, 'cache-control': 'no-store', ...SECURITY_HEADERS })
    if (request.is404) throw new GatewayError('NOT_FOUND', 'There is nothing at this path.')
  })
  app.setErrorHandler(refuse)

  for (const route of platformRoutes(options)) registerAdminRoute(app, route)
  // In a scope of their own: the platform's probes come with any Host.
  if (operator !== null) void app.register(async scope => registerOperatorRoutes(scope, { operator, host, log }))
  return app
}

/** All of them: `docs/admin-api.md` has the same list. */
export function platformRoutes({
  readiness,
  metrics,
}: Pick<AdminServerOptions, 'readiness' | 'metrics'>): readonly AdminRoute[] {
  return [
    { method: 'GET', url: '/health/live', handler: async () => ({ status: 'live' }) },
    {
      method: 'GET',
      url: '/health/ready',
      handler: async (_request, reply) => {
        const state = await readiness()
        return reply.code(state.ready ? 200 : 503).send(state)
      },
    },
    {
      method: 'GET',
      url: '/metrics',
      handler: async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()),
    },
  ]
}
