import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Admission } from '../admission/admission.ts'
import type { EventStream } from '../graphql/subscriptions/event-stream.ts'
import type { AskedSubscription, Subscriptions } from '../graphql/subscriptions/subscriptions.ts'
import type { Authenticated, Authenticator } from '../identity/authenticate.ts'
import { GatewayError } from '../model/errors.ts'
import type { Log } from '../observe/log.ts'
import { auditQuestion, auditViewer } from './audit.ts'
import { createEventSender, type EventSenderOptions } from './event-sender.ts'
import { identify } from './exchange.ts'
import { parseJsonBody } from './json-body.ts'
import { acceptsEventStream, assertJsonBody } from './media-types.ts'
import { createStreamPlaces } from './stream-places.ts'

const STREAM_PATH = '/graphql/stream'
/** How the protocol's single-connection mode would name a reserved stream, in a header or in the URL. */
const RESERVATION_HEADER = 'x-graphql-event-stream-token'
const RESERVATION_PARAMETER = 'token'

export interface StreamRouteOptions extends Partial<EventSenderOptions> {
  readonly authenticate: Authenticator
  readonly subscriptions: Subscriptions
  /** What is read and refused costs what it costs on the other road. */
  readonly admission: Pick<Admission, 'assertSolvent' | 'charge'>
  /** Most streams that one partner may have open here, all its clients together. */
  readonly maxStreamsPerPartner: number
  readonly log: Pick<Log, 'error'>
}

/**
 * GET and POST /graphql/stream: one subscription a connection, as server-sent events. Until its stream begins it is a
 * request like any other, refused in the same order and in the same form. Called by the composition root; never looks
 * into an operation.
 */
export function registerStreamRoute(app: FastifyInstance, options: StreamRouteOptions): void {
  const { authenticate, subscriptions, admission, maxStreamsPerPartner, log, ...sending } = options
  const askers = new WeakMap<FastifyRequest, Authenticated>()
  const places = createStreamPlaces(maxStreamsPerPartner)
  const open = new Set<EventStream>()
  const sender = createEventSender(sending)
  let isStopping = false
  const stop = () => {
    isStopping = true
    for (const stream of open) stream.end('SHUTTING_DOWN')
  }
  app.draining.addEventListener('abort', stop)
  // A server that is closed without a drain would wait for its streams.
  app.addHook('preClose', async () => stop())

  async function send(stream: EventStream, response: ServerResponse, { id: requestId, audit }: FastifyRequest) {
    audit.stream = { events: 0, why: null }
    try {
      await sender.send(stream, response, audit.stream)
    } catch (error) {
      // The answer is the stream's own by now, so nothing else would end it.
      audit.stream.why = 'FAILED'
      stream.end('FAILED')
      response.destroy()
      log.error({ requestId, error }, 'a stream could not be sent')
    }
  }

  /** Who cannot pay for any operation has nothing read, and what is read and refused is charged for all the same. */
  async function begin(request: FastifyRequest, asker: Authenticated): Promise<EventStream> {
    const { id: requestId, audit } = request
    admission.assertSolvent(asker.viewer)
    try {
      return await subscriptions.open(askedIn(request), { requestId, ...asker }, question =>
        auditQuestion(audit, question),
      )
    } catch (refusal) {
      const isUnpaid = refusal instanceof GatewayError && refusal.code === 'RATE_LIMITED'
      if (audit.cost === null && !isUnpaid) admission.charge(asker.viewer)
      throw refusal
    }
  }

  app.route({
    method: ['GET', 'POST'],
    url: STREAM_PATH,
    onRequest: async (request, reply) => {
      const asker = await authenticate(request.credentials)
      askers.set(request, asker)
      auditViewer(request.audit, asker.viewer)
      if (asker.nonce !== undefined) reply.raw.setHeader('dpop-nonce', asker.nonce)
      if (!acceptsEventStream(request.headers.accept))
        throw new GatewayError(
          'NOT_ACCEPTABLE',
          'Subscriptions are answered as text/event-stream; Accept does not name it.',
        )
      assertNotReserved(request)
      if (request.method === 'POST')
        assertJsonBody(request.headers['content-type'], request.headers['content-encoding'])
    },
    handler: async (request, reply) => {
      const asker = askers.get(request)
      if (asker === undefined) throw new TypeError('a stream was asked for before authentication')
      const leave = places.take(asker.viewer.partner.bpnl)
      try {
        const stream = await begin(request, asker)
        reply.hijack()
        identify(reply.raw, request.id)
        open.add(stream)
        if (isStopping) stream.end('SHUTTING_DOWN')
        await send(stream, reply.raw, request)
        open.delete(stream)
      } finally {
        leave()
      }
    },
  })
}

/** A reservation would let one request add operations to the stream of another. */
function assertNotReserved({ headers, query }: FastifyRequest): void {
  if (headers[RESERVATION_HEADER] === undefined && !Object.hasOwn(Object(query), RESERVATION_PARAMETER)) return
  throw new GatewayError('BAD_REQUEST', 'Streams are not reserved here: each subscription has a connection of its own.')
}

const askedSchema = z.object({
  query: z.string().min(1),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
})

function askedIn({ method, body, query }: FastifyRequest): AskedSubscription {
  const { data } = askedSchema.safeParse(method === 'POST' ? parseJsonBody(body as Buffer) : withParsedVariables(query))
  if (data === undefined)
    throw new GatewayError(
      'BAD_REQUEST',
      'A subscription is asked for by its text in `query`, with `operationName` and an object of `variables` where it needs them.',
    )
  return { query: data.query, operationName: data.operationName ?? undefined, variables: data.variables ?? undefined }
}

/** In a URL, variables are JSON text. */
function withParsedVariables(query: unknown): unknown {
  const { variables, ...rest } = query as Readonly<Record<string, unknown>>
  if (typeof variables !== 'string') return query
  try {
    return { ...rest, variables: JSON.parse(variables) as unknown }
  } catch {
    throw new GatewayError('BAD_REQUEST', 'The parameter variables is not JSON.')
  }
}
