import Fastify, { type FastifyInstance } from 'fastify'
import { GatewayError } from '../model/errors.ts'
import type { Log } from '../observe/log.ts'
import { registerDrain } from './drain.ts'
import { trackInFlight } from './in-flight.ts'
import { DEFAULT_EDGE_LIMITS, listenerOptions } from './server.ts'

/**
 * The admin listener: health and metrics for the platform that runs the gateway, on a port that partners cannot reach.
 * Built by the composition root; never answers anything about a partner.
 */

export interface Readiness {
  readonly ready: boolean
  /** Anything else that an operator should see, per system; JSON-safe. */
  readonly [detail: string]: unknown
}

export interface AdminServerOptions {
  readonly readiness: () => Promise<Readiness>
  /** Metrics in the Prometheus text exposition format 0.0.4. */
  readonly metrics: () => string | Promise<string>
  readonly log: Log
}

export function createAdminServer({ readiness, metrics, log }: AdminServerOptions): FastifyInstance {
  const app = Fastify(listenerOptions(DEFAULT_EDGE_LIMITS))
  registerDrain(app, trackInFlight(app.server))

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-request-id': request.id, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    if (request.is404) throw new GatewayError('NOT_FOUND', 'There is nothing at this path.')
  })
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof GatewayError)
      return reply.code(error.httpStatus).send({ code: error.code, message: error.message })
    log.error({ requestId: request.id, error }, 'an admin request failed')
    return reply.code(500).send({ code: 'INTERNAL', message: 'See the log under the request id.' })
  })

  app.get('/health/live', async () => ({ status: 'live' }))
  app.get('/health/ready', async (_request, reply) => {
    const state = await readiness()
    return reply.code(state.ready ? 200 : 503).send(state)
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()),
  )
  return app
}
