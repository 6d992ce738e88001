import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { type Audit, createAudit } from './audit.ts'
import { SECURITY_HEADERS } from './security-headers.ts'

/**
 * What the edge knows of one request beside its message: its id, when it came, and its audit. Made when it is first asked
 * for, by whichever of the ways through the edge, and the same for all who have the request in hand.
 */
export interface Exchange {
  readonly id: string
  /** Of `performance.now()`. */
  readonly startedMs: number
  readonly audit: Audit
  /** The route's own path, as it was registered, and never what a client wrote; null: it has come to none. */
  route: string | null
  /** Whether it was let in before a drain began, and is answered in spite of it. */
  isAccepted: boolean
  /** Whether its question has been let in, its cost taken. */
  isAdmitted: boolean
  /** Whether its line in the access log is seen to. */
  isFollowed: boolean
  /** How much of it the access log has: of a stream, its beginning comes long before the rest. */
  told: 'NOTHING' | 'BEGINNING' | 'ALL'
}

const EXCHANGE = Symbol('exchange')

declare module 'fastify' {
  interface FastifyRequest {
    /** Null and empty members do not show in the line. */
    readonly audit: Audit
  }
}

export function exchangeOf(request: IncomingMessage & { [EXCHANGE]?: Exchange }): Exchange {
  request[EXCHANGE] ??= {
    id: randomUUID(),
    startedMs: performance.now(),
    audit: createAudit(),
    route: null,
    isAccepted: false,
    isAdmitted: false,
    isFollowed: false,
    told: 'NOTHING',
  }
  return request[EXCHANGE]
}

/** Has every answer that goes through the framework carry its request id, and the word that its form is not to be guessed. */
export function registerExchange(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (!request.is404) exchangeOf(request.raw).route = request.routeOptions.url ?? null
    done()
  })
  app.decorateRequest('audit', {
    getter() {
      return exchangeOf(this.raw).audit
    },
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    identify(reply.raw, request.id)
    done()
  })
}

/** The same, for an answer that is written past the framework. */
export function identify(response: ServerResponse, requestId: string): void {
  response.setHeader('x-request-id', requestId)
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
}
