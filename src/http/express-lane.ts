import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'
import type { Question } from '../operations/question.ts'
import type { FinishedAnswer } from '../responses/finished-answer.ts'
import type { Questions } from '../responses/questions.ts'
import { auditQuestion, auditViewer } from './audit.ts'
import { exchangeOf } from './exchange.ts'
import type { HeaderRules } from './header-rules.ts'
import { writeFinished } from './sending.ts'

/**
 * The short way for the usual request: a POST of a known partner with a question that was asked before and whose answer
 * stands finished. It takes every step that other requests take (header rules, identity, trust, scopes, the gate, the
 * budget, the line in the log) and leaves out only the framework between them. It refuses nothing and words nothing: what
 * is not in order, or not there, or not yet known, goes on through the framework as if it had never been here.
 */
export interface ExpressLaneSteps {
  readonly path: string
  /** Whom the header is known to be good for, as it stands; undefined: to be found out. */
  readonly viewerOf: (authorization: string) => Viewer | undefined
  readonly questions: Pick<Questions, 'known'>
  /** Throws where the viewer may not ask it. */
  readonly authorize: (question: Question, viewer: Viewer) => void
  readonly find: (question: Question, viewer: Viewer) => FinishedAnswer | undefined
  /** Throws, or rejects, where the viewer has spent its budget. */
  readonly spend: (question: Question, viewer: Viewer) => void | Promise<void>
  readonly now: () => number
}

/** What the server itself does for every request. */
export interface EdgeSteps {
  readonly assertSoundHeaders: HeaderRules
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Once, when the server has its routes and before it listens. */
    openExpressLane(steps: ExpressLaneSteps): void
  }
}

/** Longer ones are not remembered. */
const MAX_BODY_BYTES = 16_384
const BODY = Symbol('body')
type Taken = IncomingMessage & { [BODY]?: Buffer }

export function openExpressLane(app: FastifyInstance, steps: ExpressLaneSteps & EdgeSteps): void {
  const { path, assertSoundHeaders, viewerOf, questions, authorize, find, spend, now } = steps
  const framework = app.server.listeners('request').at(-1)
  if (framework === undefined) throw new TypeError('the server has no request listener')
  const onwards = framework as (request: IncomingMessage, response: ServerResponse) => void
  app.server.removeListener('request', onwards)
  app.server.on('request', (request, response) => {
    const viewer = viewerIn(request)
    if (viewer === undefined) onwards(request, response)
    else take(request, response, viewer)
  })

  /** Of a request that could be answered here; before a byte of its body is read. */
  function viewerIn(request: IncomingMessage): Viewer | undefined {
    const { method, url, headers } = request
    if (method !== 'POST' || url !== path || headers['content-type'] !== 'application/json') return undefined
    const { authorization, expect, 'transfer-encoding': chunked, 'content-encoding': coding } = headers
    const length = Number(headers['content-length'])
    if (authorization === undefined || expect !== undefined || chunked !== undefined || coding !== undefined)
      return undefined
    if (!(length > 0 && length <= MAX_BODY_BYTES) || app.draining.aborted) return undefined
    if (app.answerForms.mediaType(headers.accept) === null) return undefined
    try {
      assertSoundHeaders(request)
      return viewerOf(authorization)
    } catch {
      return undefined
    }
  }

  function take(request: Taken, response: ServerResponse, viewer: Viewer): void {
    exchangeOf(request).route = path
    let body: Buffer | undefined
    request.on('data', (chunk: Buffer) => {
      body = body === undefined ? chunk : Buffer.concat([body, chunk])
    })
    request.on('end', () => {
      const bytes = body ?? Buffer.alloc(0)
      if (!serve(request, response, viewer, bytes)) leave(request, response, bytes)
    })
  }

  function leave(request: Taken, response: ServerResponse, body: Buffer): void {
    request[BODY] = body
    onwards(request, response)
  }

  function isStill(answer: FinishedAnswer, question: Question, viewer: Viewer): boolean {
    try {
      return find(question, viewer) === answer
    } catch {
      return false
    }
  }

  function send(
    request: IncomingMessage,
    response: ServerResponse,
    viewer: Viewer,
    question: Question,
    answer: FinishedAnswer,
  ): void {
    const { audit } = exchangeOf(request)
    auditViewer(audit, viewer)
    auditQuestion(audit, question)
    audit.answer = 'HIT'
    writeFinished({ request, response, forms: app.answerForms }, answer, now())
  }

  /** False: it is for the framework, and nothing has been spent or sent. */
  function serve(request: IncomingMessage, response: ServerResponse, viewer: Viewer, body: Buffer): boolean {
    try {
      const question = questions.known(body.toString('latin1'), viewer.partner.bpnl)
      if (question === undefined) return false
      authorize(question, viewer)
      const answer = find(question, viewer)
      if (answer === undefined) return false
      const spent = spend(question, viewer)
      if (spent === undefined) send(request, response, viewer, question, answer)
      else
        void spent.then(
          // The wait may have taken the right to it, which the gate says again.
          () =>
            isStill(answer, question, viewer)
              ? send(request, response, viewer, question, answer)
              : leave(request, response, body),
          () => leave(request, response, body),
        )
      return true
    } catch (refusal) {
      if (refusal instanceof GatewayError) return false
      throw refusal
    }
  }
}

/** The body that was read before the framework had the request; undefined: it has still to be read. */
export function bodyTakenFrom(request: Taken): Buffer | undefined {
  return request[BODY]
}
