import { ensureError, GatewayError } from '../../model/errors.ts'
import type { SystemKey } from '../../model/system.ts'
import { invalidData } from '../../systems/invalid-data.ts'

/**
 * What goes wrong between the gateway and a service, in words for the log and for `config check`. Called by everything
 * here that reads an answer. No message has a credential, a token or the value of a filter.
 */

/** An answer whose data cannot be trusted. */
export function untrusted(system: SystemKey, reason: string): GatewayError {
  return invalidData(system, new Error(reason))
}

/** No answer came: no connection, no trust in the certificate, or it broke before the status. */
export function unreachable(what: string, thrown: unknown): Error {
  const error = ensureError(thrown)
  const { code } = error as { readonly code?: unknown }
  const said = [typeof code === 'string' ? code : '', error.message.slice(0, 200)].filter(text => text !== '')
  return new Error(`${what} cannot be reached: ${said.join(', ') || error.name}`, { cause: error })
}

/** A status that is no success. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly status: number
  /** Of the OData error in the body; null: there is none. */
  readonly code: string | null

  constructor(service: string, status: number, error: ODataErrorBody | null) {
    const said = error === null ? '' : `: ${error.code}: ${error.message}`
    super(
      `${service} ${MEANINGS[status] ?? (status >= 500 ? 'has failed' : 'did not accept the request')} (${status})${said}`,
    )
    this.status = status
    this.code = error?.code ?? null
  }
}

const MEANINGS: Readonly<Record<number, string>> = {
  401: 'did not accept the credentials',
  403: 'does not let this user or client read: a missing right or licence',
  404: 'is not there: is it active, and is its path right?',
  405: 'does not allow GET',
  429: 'has had too many requests',
  503: 'is not available now',
}

interface ODataErrorBody {
  readonly code: string
  readonly message: string
}

const MAX_SAID = 300

/**
 * The error in a body, bounded and on one line: V2 `{error: {code, message: {value}}}`, V4 `{error: {code, message}}`.
 * Services repeat in it what they were asked, so every value of the query is taken out. Null: it is no OData error.
 */
export function odataErrorOf(body: string, query: string): ODataErrorBody | null {
  const error = memberOf(parsed(body), 'error')
  const code = memberOf(error, 'code')
  const message = memberOf(error, 'message')
  const text = typeof message === 'string' ? message : memberOf(message, 'value')
  if (typeof code !== 'string' || typeof text !== 'string') return null
  return { code: clean(code, query).slice(0, 80), message: clean(text, query).slice(0, MAX_SAID) }
}

function clean(text: string, query: string): string {
  const values = [...query.matchAll(/'((?:[^']|'')+)'|\b([\d.:TZ-]{4,})\b/g)].flatMap(([, quoted, bare]) => {
    const value = quoted?.replaceAll("''", "'") ?? bare ?? ''
    return value.length < 3 ? [] : [value]
  })
  const longestFirst = [...new Set(values)].sort((a, b) => b.length - a.length)
  return longestFirst
    .reduce((read, value) => read.replaceAll(value, '…'), text.slice(0, 4_000))
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

export function memberOf(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}

/** What is behind an error that is worded for partners. */
export function reasonOf(thrown: unknown): string {
  const error = ensureError(thrown)
  return error instanceof GatewayError ? ensureError(error.cause ?? error).message : error.message
}
