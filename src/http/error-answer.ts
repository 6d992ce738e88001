import type { Unauthenticated } from '../identity/unauthenticated.ts'
import { type ErrorCode, GatewayError } from '../model/errors.ts'
import { acceptedMediaType } from './media-types.ts'
import { SECURITY_HEADERS } from './security-headers.ts'

/**
 * The one shape of every answer that is an error, whether a route, Fastify or Node found it. Called by the partner
 * server; never chooses the words: those come from the function that words all errors for partners.
 */

/** An error in a partner's words, for `errors[]`; `httpStatus` is that of an answer of this error alone. */
export interface Wording {
  readonly message: string
  readonly extensions: Readonly<Record<string, unknown>>
  readonly httpStatus: number
}

/** Total: any thrown value has a wording, and what is not a GatewayError is worded as INTERNAL. */
export type WordError = (error: unknown, requestId: string) => Wording

/** What the request said about the answer that it wants, and what identity said of the refusal. */
export interface Asked {
  readonly requestId: string
  readonly accept?: string | undefined
  readonly refusal?: Pick<Unauthenticated, 'challenge' | 'nonce'> | undefined
}

export interface ErrorAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export function createErrorAnswer(wording: Wording, asked: Asked): ErrorAnswer {
  const { message, extensions, httpStatus } = wording
  const { retryAfterSeconds } = extensions
  const body = JSON.stringify({ errors: [{ message, extensions }] })
  return {
    status: httpStatus,
    headers: {
      'content-type': `${acceptedMediaType(asked.accept) ?? 'application/json'}; charset=utf-8`,
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-store',
      ...SECURITY_HEADERS,
      'x-request-id': asked.requestId,
      ...(httpStatus === 401 && refusalHeaders(asked.refusal)),
      ...((httpStatus === 429 || httpStatus === 503) &&
        typeof retryAfterSeconds === 'number' && { 'retry-after': String(Math.ceil(retryAfterSeconds)) }),
    },
    body,
  }
}

function refusalHeaders(refusal: Asked['refusal']): Readonly<Record<string, string>> {
  const { challenge = 'Bearer', nonce = null } = refusal ?? {}
  return { 'www-authenticate': challenge, ...(nonce === null ? {} : { 'dpop-nonce': nonce }) }
}

/** What Fastify finds wrong with a request, in our codes. */
const FASTIFY_ERRORS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_BAD_URL: ['BAD_REQUEST', 'The URL is malformed.'],
  FST_ERR_MAX_PARAM_LENGTH: ['BAD_REQUEST', 'The URL has a segment that is too long.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['PAYLOAD_TOO_LARGE', 'The body is larger than is accepted.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['BAD_REQUEST', 'The body is not as long as Content-Length says.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'The body has a Content-Type that is not read here.'],
}

/** A thrown value, with what Fastify finds wrong with a request turned into a GatewayError; anything else as it is. */
export function edgeError(thrown: unknown): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  const known = typeof code === 'string' ? FASTIFY_ERRORS[code] : undefined
  return known === undefined ? thrown : new GatewayError(...known)
}
