import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Authenticated, Authenticator } from '../../identity/authenticate.ts'
import { GatewayError } from '../../model/errors.ts'
import { STATUSPAGE_NAMES } from '../../status/statuspage.ts'
import { auditViewer } from '../audit.ts'
import { exchangeOf, identify } from '../exchange.ts'
import { acceptsEventStream } from '../media-types.ts'
import { SECURITY_FIELDS } from '../security-headers.ts'
import { isKnownTo } from '../sending.ts'
import { createStreamPlaces } from '../stream-places.ts'
import {
  FEED_PATH,
  type PublishedStatus,
  type StatusDocument,
  type StatusDocuments,
  VIEW_PATH,
} from './status-documents.ts'
import type { StatusEvents } from './status-events.ts'

/**
 * The machine-readable side of the status page: what is public as documents for everybody, whether or not they bring a
 * token, and streams that say when to ask again. Called by the composition root; never makes a document for one reader.
 */
export interface StatusRoutesOptions {
  readonly documents: StatusDocuments
  readonly events: StatusEvents
  readonly authenticate: Authenticator
  /** Most streams with a token that one partner may have open here. */
  readonly maxStreamsPerPartner: number
}

const EVENTS_PATH = '/status/events'
const SCOPE = 'restart:read'
/** Whoever keeps a document asks each time whether it is still the same. */
const CACHE_CONTROL = 'public, max-age=0, must-revalidate'

export function registerStatusRoutes(app: FastifyInstance, options: StatusRoutesOptions): void {
  const { documents } = options
  const publish = (url: string, pick: (status: PublishedStatus) => StatusDocument | undefined) =>
    app.route({
      method: ['GET', 'HEAD'],
      url,
      handler: async (request, reply) => {
        const document = pick(documents.current())
        if (document === undefined) throw new TypeError(`${url} has no document`)
        return sendDocument(request, reply, document)
      },
    })
  publish(VIEW_PATH, ({ viewJson }) => viewJson)
  publish(FEED_PATH, ({ feed }) => feed)
  for (const name of STATUSPAGE_NAMES) publish(`/api/v2/${name}.json`, ({ statuspage }) => statuspage.get(name))
  registerEvents(app, options)
}

/** On Node's response, all headers at once, as finished answers of the graph are sent. */
function sendDocument(
  { raw: request, server }: FastifyRequest,
  reply: FastifyReply,
  { contentType, answer }: StatusDocument,
): FastifyReply {
  const { id, audit } = exchangeOf(request)
  const { headers, method } = request
  reply.hijack()
  const fields = [
    ...['x-request-id', id, ...SECURITY_FIELDS, 'cache-control', CACHE_CONTROL, 'etag', answer.etag],
    // For pages of anybody: it is the same for all, and a browser sends nothing of its user's along.
    ...['access-control-allow-origin', '*', 'vary', 'accept-encoding'],
  ]
  if (isKnownTo(headers['if-none-match'], answer.etag)) {
    reply.raw.writeHead(304, fields).end()
    return reply
  }
  const coding = server.answerForms.contentCoding(headers['accept-encoding'])
  const encoded = coding === null ? null : answer.encoded(coding)
  if (coding !== null && encoded !== null) fields.push('content-encoding', coding)
  const bytes = encoded ?? answer.body
  fields.push('content-type', contentType, 'content-length', String(bytes.length))
  audit.bytes = method === 'HEAD' ? 0 : bytes.length
  reply.raw.writeHead(200, fields).end(method === 'HEAD' ? undefined : bytes)
  return reply
}

function registerEvents(app: FastifyInstance, options: StatusRoutesOptions): void {
  const { events, authenticate, maxStreamsPerPartner } = options
  const readers = new WeakMap<FastifyRequest, Authenticated>()
  const places = createStreamPlaces(maxStreamsPerPartner)
  app.draining.addEventListener('abort', events.stop)
  // A server that is closed without a drain would wait for its streams.
  app.addHook('preClose', async () => events.stop())
  app.route({
    method: 'GET',
    url: EVENTS_PATH,
    onRequest: async (request, reply) => {
      if (request.headers.authorization !== undefined) {
        const reader = await authenticate(request.credentials)
        readers.set(request, reader)
        auditViewer(request.audit, reader.viewer)
        if (reader.nonce !== undefined) reply.raw.setHeader('dpop-nonce', reader.nonce)
        if (!reader.viewer.scopes.has(SCOPE))
          throw new GatewayError('FORBIDDEN', `You do not hold the scope for this stream, ${SCOPE}.`)
      }
      if (!acceptsEventStream(request.headers.accept))
        throw new GatewayError('NOT_ACCEPTABLE', 'Events are text/event-stream; Accept does not name it.')
    },
    handler: async (request, reply) => {
      const begin = () => {
        reply.hijack()
        identify(reply.raw, request.id)
        request.audit.stream = { events: 0, why: null }
        return { response: reply.raw, audit: request.audit.stream }
      }
      const reader = readers.get(request)
      if (reader === undefined) return events.followPublic(begin)
      const leave = places.take(reader.viewer.partner.bpnl)
      try {
        return await events.follow(begin, reader)
      } finally {
        leave()
      }
    },
  })
}
