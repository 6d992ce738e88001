import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Random, type Return, retryAfterSeconds } from '../admission/retry-after.ts'
import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'
import type { AnswerForms } from './answer-forms.ts'
import { createErrorAnswer, type ErrorAnswer, type WordError } from './error-answer.ts'
import { exchangeOf } from './exchange.ts'
import type { RateLimitFields } from './rate-limit-fields.ts'

/**
 * Refuses past the framework, in the bytes that it would send: refusing has to cost far less than answering, or a crowd that
 * is refused holds up everybody else. Called by the express lane and by the front door.
 */
export interface Refusals {
  /** Answers with the error. */
  refuse(request: IncomingMessage, response: ServerResponse, error: GatewayError, viewer: Viewer): void
  /** Answers with OVERLOADED, which is worded ahead. `viewer` null: nobody has looked who it is. */
  refuseForLoad(request: IncomingMessage, response: ServerResponse, viewer: Viewer | null): void
}

export interface RefusalsOptions {
  readonly wordError: WordError
  readonly forms: AnswerForms
  readonly rateLimitFields: RateLimitFields
  readonly random?: Random | undefined
}

/** Load that lasts for seconds is met again by whoever comes back at once. */
const RETURN: Return = { leastSeconds: 1, spreadSeconds: 4 }
/** As long as any other request id, so that all answers are of one length. */
const ANY_ID = '00000000-0000-4000-8000-000000000000'
/** A longer body is not read for the sake of the connection. */
const MAX_UNREAD_BYTES = 65_536

export function overloaded(random?: Random): GatewayError {
  return new GatewayError('OVERLOADED', 'This instance has more to do than it can. Ask again later.', {
    details: { retryAfterSeconds: retryAfterSeconds(RETURN, random) },
  })
}

export function createRefusals({ wordError, forms, rateLimitFields, random }: RefusalsOptions): Refusals {
  const templateOf = createTemplates(wordError)
  return {
    refuse(request, response, error, viewer) {
      const { id, audit } = exchangeOf(request)
      const answer = createErrorAnswer(wordError(error, id), { requestId: id, accept: request.headers.accept })
      audit.codes = [error.code]
      response.writeHead(answer.status, [...fieldsOf(answer.headers), ...rateLimitFields(viewer)]).end(answer.body)
    },
    refuseForLoad(request, response, viewer) {
      const { id, audit } = exchangeOf(request)
      const { accept } = request.headers
      const { fields, before, after } = templateOf(
        forms.mediaType(accept) === null ? undefined : accept,
        retryAfterSeconds(RETURN, random),
      )
      audit.codes = OVERLOADED
      if (isLeftUnread(request)) response.setHeader('connection', 'close')
      const own = ['x-request-id', id, ...fields]
      response.writeHead(503, viewer === null ? own : [...own, ...rateLimitFields(viewer)]).end(before + id + after)
    },
  }
}

const OVERLOADED: readonly string[] = ['OVERLOADED']

/** Whether so much of a body may still come that the connection is not worth it. */
function isLeftUnread({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false
  const { expect, 'content-length': length, 'transfer-encoding': coding } = headers
  return expect !== undefined || coding !== undefined || Number(length) > MAX_UNREAD_BYTES
}

interface Template {
  /** All but the request id. */
  readonly fields: readonly string[]
  /** The body around the request id. */
  readonly before: string
  readonly after: string
}

function createTemplates(wordError: WordError) {
  const byAccept = new Map<string | undefined, Map<number, Template>>()
  return (accept: string | undefined, seconds: number): Template => {
    const known = byAccept.get(accept)?.get(seconds)
    if (known !== undefined) return known
    // What clients write is not to fill it.
    if (byAccept.size >= MAX_ACCEPTS) byAccept.clear()
    const made = templateOf(wordError, accept, seconds)
    const bySeconds = byAccept.get(accept) ?? new Map<number, Template>()
    byAccept.set(accept, bySeconds.set(seconds, made))
    return made
  }
}

const MAX_ACCEPTS = 64

function templateOf(wordError: WordError, accept: string | undefined, seconds: number): Template {
  const error = new GatewayError('OVERLOADED', overloaded().message, { details: { retryAfterSeconds: seconds } })
  const { headers, body } = createErrorAnswer(wordError(error, ANY_ID), { requestId: ANY_ID, accept })
  const { 'x-request-id': _, ...fields } = headers
  const [before = '', after = ''] = body.split(ANY_ID)
  return { fields: fieldsOf(fields), before, after }
}

function fieldsOf(headers: ErrorAnswer['headers']): readonly string[] {
  return Object.entries(headers).flat()
}
