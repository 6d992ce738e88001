import type { FastifyReply, FastifyRequest } from 'fastify'
import { ageSeconds } from '../model/answer-age.ts'
import type { FinishedAnswer } from '../responses/finished-answer.ts'

/**
 * Sends an answer whose bytes are finished, in the form that the request prefers. Called by the GraphQL route; who may have
 * the answer was settled before. Written on Node's response, without the steps of a framework that makes answers; what
 * already stands there (request id, nonce, end of the connection) stays.
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
  const { etag, maxAgeSeconds } = answer
  const isGet = method === 'GET'

  reply.hijack()
  raw.setHeader('cache-control', `private, max-age=${maxAgeSeconds}`)
  raw.setHeader('age', ageSeconds(maxAgeSeconds, answer.freshUntilMs, nowMs))
  raw.setHeader('vary', VARY)
  // An answer to a POST is nothing to ask for again by a tag (RFC 9110 §13.1.2).
  if (isGet) raw.setHeader('etag', etag)
  if (isGet && isKnownTo(headers['if-none-match'], etag)) {
    raw.statusCode = 304
    raw.end()
    return reply
  }

  const coding = server.answerForms.contentCoding(headers['accept-encoding'])
  const encoded = coding === null ? null : answer.encoded(coding)
  if (coding !== null && encoded !== null) raw.setHeader('content-encoding', coding)
  const bytes = encoded ?? answer.body
  raw.setHeader('content-type', CONTENT_TYPES[server.answerForms.mediaType(headers.accept) ?? 'application/json'])
  raw.setHeader('content-length', bytes.length)
  raw.end(bytes)
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
