import type { IncomingMessage, ServerOptions } from 'node:http'
import type { Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { ClientCertificateSettings } from '../config/identity-schema.ts'
import { Unauthenticated } from '../identity/unauthenticated.ts'
import { GatewayError } from '../model/errors.ts'
import type { Log } from '../observe/log.ts'
import { type AccessLog, accessLogOn } from './access-log.ts'
import { createAccessResponse } from './access-response.ts'
import { registerAnswerForms } from './answer-forms.ts'
import { auditErrors } from './audit.ts'
import { registerCredentials } from './authentication-request.ts'
import { createClientCertificateOf } from './client-certificate.ts'
import { createClientErrorHandler } from './client-errors.ts'
import { registerDrain } from './drain.ts'
import { createErrorAnswer, edgeError, type WordError } from './error-answer.ts'
import { exchangeOf, registerExchange } from './exchange.ts'
import { type ExpressLaneSteps, openExpressLane } from './express-lane.ts'
import { createHeaderRules } from './header-rules.ts'
import { type InFlight, trackInFlight } from './in-flight.ts'
import { registerJsonBody } from './json-body.ts'
import type { ListenerTls } from './listener-tls.ts'
import { createRefusalLog } from './refusal-log.ts'
import { createRequestLines } from './request-line.ts'
import type { RequestMetrics } from './request-metrics.ts'

/**
 * The server that faces partners: limits on bytes and time, one shape of error, one line for each request before its answer
 * leaves. Built by the composition root, which registers the routes and listens. Never reads a token's claims or looks into an
 * operation.
 */

export interface EdgeLimits {
  /** Longest body, in bytes. */
  readonly bodyBytes: number
  /** Time for a whole request to arrive, body included. */
  readonly requestTimeoutMs: number
  /** Time for its headers to arrive. */
  readonly headersTimeoutMs: number
}

export const DEFAULT_EDGE_LIMITS: EdgeLimits = { bodyBytes: 262_144, requestTimeoutMs: 8_000, headersTimeoutMs: 5_000 }

export interface PartnerServerOptions {
  readonly limits?: EdgeLimits
  readonly log: Log
  /** Null or left out: the lines of requests go to the log. */
  readonly accessLog?: AccessLog | null
  readonly wordError: WordError
  /** Null or left out: plain HTTP, behind a proxy that ends TLS. */
  readonly tls?: ListenerTls | null
  /** Where a proxy passes the client's certificate; null or left out: no header counts. */
  readonly clientCertificate?: ClientCertificateSettings | null
  /** Null or left out: nothing is counted. */
  readonly metrics?: RequestMetrics | null
}

/** Listen on an address rather than on the name localhost: Fastify would open a second server that is not drained. */
export function createPartnerServer(options: PartnerServerOptions): FastifyInstance {
  const {
    limits = DEFAULT_EDGE_LIMITS,
    log,
    wordError,
    tls = null,
    clientCertificate: proxied = null,
    metrics = null,
  } = options

  const tellRefusal = createRefusalLog(log)
  const refuse = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const error = edgeError(thrown)
    // A client that went away mid-body gets no answer and is nobody's failure.
    if (!request.raw.readableAborted) tellRefusal(error, request.id)
    const { accept } = request.headers
    const refusal = error instanceof Unauthenticated ? error : undefined
    const wording = wordError(error, request.id)
    auditErrors(exchangeOf(request.raw).audit, [wording])
    const answer = createErrorAnswer(wording, { requestId: request.id, accept, refusal })
    return reply.code(answer.status).headers(answer.headers).send(answer.body)
  }

  const methodsOf = new Map<string, readonly string[]>()
  const lines = createRequestLines(options.accessLog ?? accessLogOn(log))
  // Of two certificates, nobody could say whose the request is.
  const assertSoundHeaders = createHeaderRules(proxied === null ? [] : [proxied.header])
  let inFlight: InFlight
  const app = Fastify({
    ...listenerOptions(limits, { tls, ServerResponse: createAccessResponse(lines.tell) }),
    bodyLimit: limits.bodyBytes,
    clientErrorHandler: createClientErrorHandler({ inFlight: () => inFlight, wordError, lines }),
    frameworkErrors: (error, request, reply) => {
      lines.follow(request.raw, reply.raw)
      void refuse(error, request, reply)
    },
  })
  inFlight = trackInFlight(app.server, response => {
    lines.close(response)
    metrics?.take(exchangeOf(response.req))
  })
  hardenServer(app)

  // Before anything else, so that no answer is without its id and no request without its line.
  registerExchange(app)
  app.addHook('onRequest', (request, reply, done) => {
    lines.follow(request.raw, reply.raw)
    done()
  })
  registerCredentials(app, createClientCertificateOf({ proxied, onlyAuthorized: tls?.onlyAuthorized ?? false }))
  registerDrain(app, inFlight)
  app.addHook('onRequest', (request, reply, done) => {
    try {
      assertSoundHeaders(request.raw)
    } catch (refusal) {
      // Where a faulty message ends is anybody's guess: nothing more is read from its connection (RFC 9112 §6.3).
      reply.raw.setHeader('connection', 'close')
      throw refusal
    }
    done()
  })
  registerRefusalOfUnknownRoutes(app, methodsOf)
  registerContinue(app)
  registerAnswerForms(app)
  registerJsonBody(app)
  app.decorate('openExpressLane', (steps: ExpressLaneSteps) =>
    openExpressLane(app, { ...steps, assertSoundHeaders, bodyBytes: limits.bodyBytes }),
  )
  app.setErrorHandler(refuse)
  return app
}

/** What both listeners share: bounds on time and bytes, and no habit of Fastify's that would speak in its own words. */
export function listenerOptions(
  { requestTimeoutMs, headersTimeoutMs }: Omit<EdgeLimits, 'bodyBytes'>,
  { tls = null, ...own }: { readonly tls?: TlsOptions | null } & Pick<ServerOptions, 'ServerResponse'> = {},
) {
  const http = {
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: 1_000,
    // Room for a query string of 16 KiB beside the headers.
    maxHeaderSize: 32_768,
    // Node would answer a missing Host by itself, without a body or a request id.
    requireHostHeader: false,
    ...own,
  }
  return {
    http,
    // Fastify takes the one or the other.
    ...(tls && { https: { ...http, ...tls, handshakeTimeout: headersTimeoutMs } }),
    requestTimeout: requestTimeoutMs,
    // Longer than the 60 s after which usual load balancers let an idle connection go, so that they do so first.
    keepAliveTimeout: 65_000,
    genReqId: (request: IncomingMessage) => exchangeOf(request).id,
    requestIdHeader: false as const,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 100 },
  }
}

function hardenServer({ server }: FastifyInstance): void {
  // Node drops headers over a count without a word, and with them the duplicates to be refused. Their bytes are bounded.
  server.maxHeadersCount = 0
  // Node would invite the body, or refuse, before any rule has seen the request.
  for (const event of ['checkContinue', 'checkExpectation'])
    server.on(event, (request, response) => server.emit('request', request, response))
  // Node would hand a failed handshake to the handler of HTTP's errors, which would answer where nobody can read.
  server.removeAllListeners('tlsClientError')
  server.on('tlsClientError', (_, socket: Socket) => socket.destroy())
}

/** Unknown paths and methods are refused before a body is read. */
function pathOf(url: string): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

function registerRefusalOfUnknownRoutes(app: FastifyInstance, methodsOf: Map<string, readonly string[]>): void {
  app.addHook('onRoute', ({ url, method }) => {
    methodsOf.set(url, [...(methodsOf.get(url) ?? []), ...[method].flat()])
  })
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) {
      done()
      return
    }
    const methods = methodsOf.get(pathOf(request.url))
    if (methods === undefined) throw new GatewayError('NOT_FOUND', 'There is nothing at this path.')
    const allow = methods.join(', ')
    reply.header('allow', allow)
    throw new GatewayError('METHOD_NOT_ALLOWED', `This path takes ${allow}.`)
  })
}

/** Invites a body (RFC 9110 §10.1.1) only once its sender has passed every rule on headers, authentication included. */
function registerContinue(app: FastifyInstance): void {
  app.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.headers.expect !== undefined && request.raw.httpVersion === '1.1') reply.raw.writeContinue()
    done()
  })
}
