import { Server as NetServer } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type Return, retryAfterSeconds } from '../admission/retry-after.ts'
import { GatewayError } from '../model/errors.ts'
import { exchangeOf } from './exchange.ts'
import type { InFlight } from './in-flight.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Stops accepting connections, refuses every further request with SHUTTING_DOWN, and resolves when the requests in
     * flight have been answered. Idempotent. Connections are left to `close()`.
     */
    drain(): Promise<void>
    /** Aborted as the drain begins: answers that have no end of their own end then. */
    readonly draining: AbortSignal
  }
}

/** Another instance answers at once; those that are left are not to have the whole crowd in one second. */
const RETURN: Return = { leastSeconds: 1, spreadSeconds: 2 }

/**
 * Gives a server its `drain()`, which the shutdown calls before `close()`. Fastify's own answer while closing has
 * neither our shape nor a request id, and its close cuts idle connections at once: a request under way to one would be
 * lost without an answer.
 */
export function registerDrain(app: FastifyInstance, inFlight: InFlight): void {
  const drain = new AbortController()
  let isDraining = false

  function begin(): void {
    if (isDraining) return
    isDraining = true
    // On Node's responses rather than on Fastify's, and now, so that no answer before has to ask for it.
    for (const response of inFlight.owed()) if (!response.headersSent) response.setHeader('connection', 'close')
    drain.abort()
  }

  app.decorate('draining', drain.signal)
  app.decorate('drain', () => {
    // The close of net, not of http: it only stops listening, and slow requests stay under their time limits.
    if (!isDraining && app.server.listening) NetServer.prototype.close.call(app.server)
    begin()
    return inFlight.idle()
  })
  app.addHook('preClose', async () => {
    // A server that is closed at once would wait for such answers too.
    begin()
    // Node takes one for a request that is under way, and would wait for it until the grace is over.
    for (const socket of inFlight.silent()) socket.destroy()
  })
  app.addHook('onRequest', (request, reply, done) => {
    if (!isDraining || exchangeOf(request.raw).isAccepted) {
      done()
      return
    }
    reply.raw.setHeader('connection', 'close')
    throw new GatewayError('SHUTTING_DOWN', 'This instance is stopping; ask again and another one answers.', {
      details: { retryAfterSeconds: retryAfterSeconds(RETURN) },
    })
  })
}
