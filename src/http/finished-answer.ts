import type { FastifyReply, FastifyRequest } from 'fastify'
import { ageSeconds } from '../model/answer-age.ts'
import type { FinishedAnswer } from '../responses/finished-answer.ts'
import { identifying } from './identification.ts'

/**
 * Sends an answer whose bytes are finished, in the form that the request prefers. Called by the GraphQL route; who may have
 * the answer was settled before. Written on Node's response, all headers at once, without the steps of a framework that
 * makes answers; what already stands there (nonce, end of the connection) stays.
 */

/** Whoever keeps it must not give it to another client, nor in another form. */
const VARY = 'authorization, accept, accept-encoding'

export function sendFinished(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: FinishedAnswer,
  nowMs: number,
): FastifyReply {
  const { raw, server } = reply
  const { headers, method } = request
  const { maxAgeSeconds } = answer

  reply.hijack()
  const fields = [
    ...identifying(request.id),
    'cache-control',
    `private, max-age=${maxAgeSeconds}`,
    'age',
    String(ageSeconds(maxAgeSeconds, answer.freshUntilMs, nowMs)),
    'vary',
    VARY,
  ]
  // An answer to a POST is nothing to ask for again by a tag (RFC 9110 §13.1.2).
  if (method === 'GET') {
    fields.push('etag', answer.etag)
    if (isKnownTo(headers['if-none-match'], answer.etag)) {
      raw.writeHead(304, fields).end()
      return reply
    }
  }

  const coding = server.answerForms.contentCoding(headers['accept-encoding'])
  const encoded = coding === null ? null : answer.encoded(coding)
  if (coding !== null && encoded !== null) fields.push('content-encoding', coding)
  const bytes = encoded ?? answer.body
  const mediaType = server.answerForms.mediaType(headers.accept) ?? 'application/json'
  fields.push('content-type', CONTENT_TYPES[mediaType], 'content-length', String(bytes.length))
  request.audit.bytes = bytes.length
  raw.writeHead(200, fields).end(bytes)
  return reply
}

const CONTENT_TYPES = {
  'application/json': 'application/json; charset=utf-8',
  'application/graphql-response+json': 'application/graphql-response+json; charset=utf-8',
} as const

/** Weak comparison (RFC 9110 §8.8.3.2). Our tags hold no comma, and what stands between two others in a list does. */
function isKnownTo(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.trim() === '*' || ifNoneMatch.includes(etag.slice(etag.indexOf('"')))
}
