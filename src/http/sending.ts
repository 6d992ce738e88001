import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ageSeconds } from '../model/answer-age.ts'
import type { FinishedAnswer } from '../responses/finished-answer.ts'
import type { AnswerForms } from './answer-forms.ts'
import { asksForCost } from './cost-report.ts'
import { exchangeOf } from './exchange.ts'
import { SECURITY_FIELDS } from './security-headers.ts'

/**
 * Sends answers that did not come through the protocol, in the form that the request prefers. Called by the GraphQL route
 * and the express lane; who may have the answer was settled before. Written on Node's response, all headers at once, without the steps of a framework that
 * makes answers; what already stands there (nonce, end of the connection) stays.
 */

/** Whoever keeps it must not give it to another client, nor in another form. */
const VARY = 'authorization, accept, accept-encoding'

export interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly forms: AnswerForms
  /** What is said of the partner's budget: names and values in turn. */
  readonly limits: readonly string[]
}

/** Through the framework, which from here on leaves the answer alone. */
export function sendFinished(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: FinishedAnswer,
  { limits, nowMs }: Pick<Asked, 'limits'> & { readonly nowMs: number },
): FastifyReply {
  const { raw, server } = request
  if (asksForCost(raw.headers))
    return sendReported(request, reply, { status: null, headers: { vary: VARY }, json: answer.body.toString() })
  reply.hijack()
  writeFinished({ request: raw, response: reply.raw, forms: server.answerForms, limits }, answer, nowMs)
  return reply
}

export function writeFinished(
  { request, response, forms, limits }: Asked,
  answer: FinishedAnswer,
  nowMs: number,
): void {
  const { headers, method } = request
  const { id, audit } = exchangeOf(request)
  const { maxAgeSeconds } = answer
  const age = ageSeconds(maxAgeSeconds, answer.freshUntilMs, nowMs)
  audit.ageSeconds = age
  audit.maxAgeSeconds = maxAgeSeconds
  const fields = [
    'x-request-id',
    id,
    ...SECURITY_FIELDS,
    'cache-control',
    `private, max-age=${maxAgeSeconds}`,
    'age',
    String(age),
    'vary',
    VARY,
    ...limits,
  ]
  // An answer to a POST is nothing to ask for again by a tag (RFC 9110 §13.1.2).
  if (method === 'GET') {
    fields.push('etag', answer.etag)
    if (isKnownTo(headers['if-none-match'], answer.etag)) {
      response.writeHead(304, fields).end()
      return
    }
  }

  const coding = forms.contentCoding(headers['accept-encoding'])
  const encoded = coding === null ? null : answer.encoded(coding)
  if (coding !== null && encoded !== null) fields.push('content-encoding', coding)
  const bytes = encoded ?? answer.body
  const mediaType = forms.mediaType(headers.accept) ?? 'application/json'
  fields.push('content-type', CONTENT_TYPES[mediaType], 'content-length', String(bytes.length))
  audit.bytes = bytes.length
  response.writeHead(200, fields).end(bytes)
}

export interface MadeAnswer {
  /** Null: 200. */
  readonly status: number | null
  readonly headers: Readonly<Record<string, string>>
  readonly json: string
}

/** The same for an answer that was made for this request alone. */
export function sendMade(
  request: FastifyRequest,
  reply: FastifyReply,
  made: MadeAnswer,
  limits: readonly string[],
): FastifyReply {
  const { id, audit } = exchangeOf(request.raw)
  if (asksForCost(request.headers)) return sendReported(request, reply, made)
  const bytes = Buffer.byteLength(made.json)
  audit.bytes = bytes
  reply.hijack()
  const fields = ['x-request-id', id, ...SECURITY_FIELDS, ...limits]
  for (const [name, value] of Object.entries(made.headers)) fields.push(name, value)
  fields.push('content-type', contentTypeFor(request), 'content-length', String(bytes))
  reply.raw.writeHead(made.status ?? 200, fields).end(made.json)
  return reply
}

/** By the framework, which adds to it what it cost. */
function sendReported(request: FastifyRequest, reply: FastifyReply, { status, headers, json }: MadeAnswer) {
  return reply
    .code(status ?? 200)
    .headers({ ...headers, 'content-type': contentTypeFor(request) })
    .send(json)
}

function contentTypeFor({ server, headers }: FastifyRequest): string {
  return CONTENT_TYPES[server.answerForms.mediaType(headers.accept) ?? 'application/json']
}

const CONTENT_TYPES = {
  'application/json': 'application/json; charset=utf-8',
  'application/graphql-response+json': 'application/graphql-response+json; charset=utf-8',
} as const

/** Weak comparison (RFC 9110 §8.8.3.2). Our tags hold no comma, and what stands between two others in a list does. */
export function isKnownTo(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.trim() === '*' || ifNoneMatch.includes(etag.slice(etag.indexOf('"')))
}
