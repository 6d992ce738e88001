import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { ERRORS, type ErrorCode, GatewayError } from '../model/errors.ts'

/**
 * The one place where errors are worded for partners. An allow-list: a `GatewayError` says what it was written to say,
 * the protocol's own errors about the client's own document pass, and everything else becomes `INTERNAL` with the
 * request id, while its cause goes to the log.
 */
export interface PartnerError {
  readonly message: string
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: ErrorCode; readonly requestId: string }
  readonly httpStatus: number
}

/** Codes that the protocol library gives to mistakes in the client's own request. */
const PROTOCOL_CODES: readonly ErrorCode[] = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
]

const MAX_MESSAGE_LENGTH = 400
const INTERNAL_MESSAGE = 'Something went wrong in the gateway. Quote the request id when you report it.'

/** Words any thrown value for a partner. */
export function wordError(error: unknown, requestId: string): PartnerError {
  const known = gatewayErrorIn(error)
  if (known) return worded(known.code, known.message, requestId, known.details)
  const code = error instanceof GraphQLError ? protocolCode(error) : undefined
  return code && error instanceof GraphQLError
    ? worded(code, error.message, requestId, {})
    : worded('INTERNAL', INTERNAL_MESSAGE, requestId, {})
}

/** The code of an error that the protocol library itself made about the request; some of these have only a status. */
function protocolCode(error: GraphQLError): ErrorCode | undefined {
  // What anything else threw is not the protocol's own error, whatever code it carries.
  if (thrownIn(error) !== undefined) return undefined
  const { code, http } = error.extensions as { readonly code?: unknown; readonly http?: { readonly status?: unknown } }
  return (
    PROTOCOL_CODES.find(known => known === code) ??
    (code === undefined && http?.status === 400 ? 'BAD_REQUEST' : undefined)
  )
}

/** Words an error that belongs to a place in the answer or in the document. */
export function wordGraphQLError(error: GraphQLError, requestId: string): GraphQLFormattedError {
  const { message, extensions } = wordError(error, requestId)
  return {
    message,
    // A place in the answer, or one in the document: the executed document is the gateway's own print.
    ...(error.path ? { path: error.path } : error.locations ? { locations: error.locations } : {}),
    extensions,
  }
}

/** The gateway's own error at the bottom of what the protocol and the engine wrapped around it. */
export function gatewayErrorIn(error: unknown): GatewayError | null {
  const thrown = thrownIn(error)
  return thrown instanceof GatewayError ? thrown : null
}

/** What was thrown, without what is wrapped around it; undefined where the protocol or the engine made the error itself. */
function thrownIn(error: unknown): unknown {
  let current = error
  while (current instanceof GraphQLError) current = current.originalError
  return current
}

function worded(
  code: ErrorCode,
  message: string,
  requestId: string,
  details: Readonly<Record<string, unknown>>,
): PartnerError {
  const text = withoutHints(message)
  return {
    message: text.length > MAX_MESSAGE_LENGTH ? `${text.slice(0, MAX_MESSAGE_LENGTH)}…` : text,
    extensions: { ...details, code, retryable: ERRORS[code].retryable, requestId },
    httpStatus: ERRORS[code].httpStatus,
  }
}

/** Suggestions would spell out names of the schema to callers who may not read it. */
function withoutHints(message: string): string {
  const at = message.lastIndexOf('Did you mean ')
  return at >= 0 && message.endsWith('?') ? message.slice(0, at).trimEnd() : message
}
