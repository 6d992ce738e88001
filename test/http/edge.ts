import type { AddressInfo } from 'node:net'
import { connect, type Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Budget } from '../../src/admission/budget.ts'
import type { WordError } from '../../src/http/error-answer.ts'
import { registerGraphqlRoute } from '../../src/http/graphql-route.ts'
import { parseJsonBody } from '../../src/http/json-body.ts'
import { createRateLimitFields } from '../../src/http/rate-limit-fields.ts'
import { createPartnerServer, type EdgeLimits } from '../../src/http/server.ts'
import type { Authenticated, AuthenticationRequest } from '../../src/identity/authenticate.ts'
import { Unauthenticated } from '../../src/identity/unauthenticated.ts'
import { GatewayError } from '../../src/model/errors.ts'
import type { Viewer } from '../../src/model/viewer.ts'
import { createLog } from '../../src/observe/log.ts'
import { watched } from '../support/watched-logs.ts'

/** A partner server with a GraphQL route whose protocol echoes, and raw connections to it. */

export const TOKEN = 'the-retailer-s-token'

const VIEWER: Viewer = {
  partner: { bpnl: 'BPNL00000000RT01', name: 'Retailer', roles: ['RETAILER'], sites: [], wave: 1 },
  clientId: 'retailer',
  scopes: new Set(),
  epoch: '1',
  operationCostLimit: 1_000,
  costPerMinute: 10_000,
}

/** What the partner has left, whatever it asks. */
const BUDGET: Budget = { costLimit: 10_000, costRemaining: 9_000, resetsAt: '2025-10-07T09:00:42.000Z' }
export const rateLimitFields = createRateLimitFields(() => ({ remaining: 9_000, resetsInMs: 41_001 }))

/** The partner's wording, as short as it can be. */
export const wordError: WordError = (error, requestId) =>
  error instanceof GatewayError
    ? {
        message: error.message,
        extensions: { code: error.code, requestId, retryable: error.retryable, ...error.details },
        httpStatus: error.httpStatus,
      }
    : {
        message: 'Something went wrong here; quote the request id.',
        extensions: { code: 'INTERNAL', requestId, retryable: false },
        httpStatus: 500,
      }

async function authenticate({ authorization }: AuthenticationRequest): Promise<Authenticated> {
  if (authorization === `Bearer ${TOKEN}`) return { viewer: VIEWER, expiresAtMs: Number.POSITIVE_INFINITY }
  throw new Unauthenticated(new Error('not the token'), { challenge: 'Bearer error="invalid_token"' })
}

export interface Edge {
  readonly app: FastifyInstance
  /** Every log line so far. */
  readonly lines: readonly Record<string, unknown>[]
  readonly port: number
}

export interface EdgeOptions {
  readonly limits?: EdgeLimits
  readonly handler?: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
  /** Registers more before the server is ready. */
  readonly prepare?: (app: FastifyInstance) => unknown
  readonly listen?: boolean
}

export async function startEdge({ limits, handler, prepare, listen = false }: EdgeOptions = {}): Promise<Edge> {
  const lines: Record<string, unknown>[] = []
  const log = createLog({
    level: 'info',
    destination: watched((line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>)),
  })
  const app = createPartnerServer({ log, wordError, ...(limits && { limits }) })
  registerGraphqlRoute(app, {
    authenticate,
    rateLimitFields,
    budget: async () => BUDGET,
    handler:
      handler ??
      (async ({ viewer, body, query }) => ({
        data: { partner: viewer.partner.name, sent: Buffer.isBuffer(body) ? parseJsonBody(body) : query },
      })),
  })
  prepare?.(app)
  if (listen) await app.listen({ host: '127.0.0.1', port: 0 })
  else await app.ready()
  return { app, lines, port: listen ? (app.server.address() as AddressInfo).port : 0 }
}

/** Everything that the server says until it closes the connection, after `sent`; `said` grows as it speaks. */
export interface Conversation {
  readonly socket: Socket
  readonly closed: Promise<string>
  said(): string
}

export function converse(port: number, sent: string): Conversation {
  let said = ''
  const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(sent))
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    said += chunk
  })
  socket.on('error', () => undefined)
  const closed = new Promise<string>(resolve => socket.once('close', () => resolve(said)))
  return { socket, closed, said: () => said }
}

/** Status, headers and parsed body of the last answer in a conversation. */
export function readAnswer(said: string) {
  const at = said.lastIndexOf('HTTP/1.1 ')
  const [head = '', body = ''] = said.slice(at).split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  const headers = Object.fromEntries(
    fields.map(field => field.split(': ', 2)).map(([name = '', value]) => [name.toLowerCase(), value]),
  )
  return { status: Number(line.split(' ')[1]), headers, body: JSON.parse(body) as ErrorBody }
}

export interface ErrorBody {
  readonly errors: readonly [{ readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }]
}
