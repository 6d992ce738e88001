import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ContentCoding } from '../../responses/finished-answer.ts'
import { exchangeOf } from '../exchange.ts'
import { SECURITY_HEADERS } from '../security-headers.ts'
import { isKnownTo } from '../sending.ts'

/** Something of the pages as bytes, in the form that a browser takes. */
export interface PageBytes {
  readonly contentType: string
  readonly body: Buffer
  /** Null: it is not the same twice. */
  readonly etag: string | null
  readonly cacheControl: string
  /** Null: that of every answer, which allows nothing. */
  readonly policy: string | null
  encoded(coding: ContentCoding): Buffer | null
}

/** On Node's response, all headers at once, as finished answers are sent. */
export function sendPage({ raw: request, server }: FastifyRequest, reply: FastifyReply, page: PageBytes): FastifyReply {
  const { id, audit } = exchangeOf(request)
  const { headers, method } = request
  const fields: Record<string, string> = {
    'x-request-id': id,
    ...SECURITY_HEADERS,
    ...(page.policy !== null && { 'content-security-policy': page.policy }),
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': page.cacheControl,
    vary: 'accept-encoding',
    ...(page.etag !== null && { etag: page.etag }),
  }
  reply.hijack()
  if (page.etag !== null && isKnownTo(headers['if-none-match'], page.etag)) {
    reply.raw.writeHead(304, fields).end()
    return reply
  }
  const coding = server.answerForms.contentCoding(headers['accept-encoding'])
  const encoded = coding === null ? null : page.encoded(coding)
  const bytes = encoded ?? page.body
  fields['content-type'] = page.contentType
  fields['content-length'] = String(bytes.length)
  if (coding !== null && encoded !== null) fields['content-encoding'] = coding
  audit.bytes = method === 'HEAD' ? 0 : bytes.length
  reply.raw.writeHead(200, fields).end(method === 'HEAD' ? undefined : bytes)
  return reply
}
