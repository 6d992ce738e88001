/**
 * The error registry: every code a partner can meet, its HTTP status and whether asking again helps.
 * Errors are thrown where they are known and worded for partners in one place, `src/graphql/error-format.ts`.
 * `docs/errors.md` explains each code; a test holds the two lists equal.
 */

export interface ErrorKind {
  /** Status of an answer that consists of this error alone. A field error inside a partial answer leaves 200. */
  readonly httpStatus: number
  /** True where the same request may succeed later without being changed. */
  readonly retryable: boolean
}

export const ERRORS = {
  UNAUTHENTICATED: { httpStatus: 401, retryable: false },
  FORBIDDEN: { httpStatus: 403, retryable: false },
  SYSTEM_NOT_OPEN: { httpStatus: 503, retryable: true },
  SYSTEM_UNAVAILABLE: { httpStatus: 503, retryable: true },
  SYSTEM_DATA_INVALID: { httpStatus: 502, retryable: false },
  DATA_TOO_OLD: { httpStatus: 503, retryable: true },
  DEADLINE_EXCEEDED: { httpStatus: 504, retryable: true },
  RATE_LIMITED: { httpStatus: 429, retryable: true },
  COST_LIMIT: { httpStatus: 400, retryable: false },
  DOCUMENT_NOT_TRUSTED: { httpStatus: 403, retryable: false },
  DOCUMENT_LIMIT: { httpStatus: 400, retryable: false },
  GRAPHQL_PARSE_FAILED: { httpStatus: 400, retryable: false },
  GRAPHQL_VALIDATION_FAILED: { httpStatus: 400, retryable: false },
  OPERATION_RESOLUTION_FAILURE: { httpStatus: 400, retryable: false },
  BAD_USER_INPUT: { httpStatus: 400, retryable: false },
  BAD_REQUEST: { httpStatus: 400, retryable: false },
  PERSISTED_QUERY_NOT_FOUND: { httpStatus: 200, retryable: true },
  NOT_FOUND: { httpStatus: 404, retryable: false },
  METHOD_NOT_ALLOWED: { httpStatus: 405, retryable: false },
  NOT_ACCEPTABLE: { httpStatus: 406, retryable: false },
  PAYLOAD_TOO_LARGE: { httpStatus: 413, retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { httpStatus: 415, retryable: false },
  OVERLOADED: { httpStatus: 503, retryable: true },
  SHUTTING_DOWN: { httpStatus: 503, retryable: true },
  INTERNAL: { httpStatus: 500, retryable: false },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERRORS

export interface GatewayErrorOptions {
  /** What went wrong inside; goes to the log, never to a partner. */
  readonly cause?: unknown
  /** Facts for the partner, shown under `extensions`: JSON-safe and free of anything that is not theirs. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** The one error class of the gateway. Its message is written for the partner who will read it. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  readonly httpStatus: number
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.httpStatus = ERRORS[code].httpStatus
    this.retryable = ERRORS[code].retryable
    this.details = options.details ?? {}
  }
}

/** Any thrown value as an Error, of whatever realm, so that a `cause` always has a message and a stack. */
export function ensureError(thrown: unknown): Error {
  return Error.isError(thrown) ? thrown : new Error(`a non-error was thrown: ${String(thrown)}`)
}
