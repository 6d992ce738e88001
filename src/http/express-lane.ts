import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Shedding } from '../admission/shedding.ts'
import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'
import type { Question } from '../operations/question.ts'
import type { FinishedAnswer } from '../responses/finished-answer.ts'
import type { Questions } from '../responses/questions.ts'
import { auditQuestion, auditViewer } from './audit.ts'
import { asksForCost } from './cost-report.ts'
import { exchangeOf } from './exchange.ts'
import { intercept } from './front-door.ts'
import type { HeaderRules } from './header-rules.ts'
import type { RateLimitFields } from './rate-limit-fields.ts'
import type { Refusals } from './refusals.ts'
import { writeFinished } from './sending.ts'

/**
 * The short way for the usual request: a POST of a known partner with a question that was asked before and whose answer
 * stands finished. It takes every step that other requests take (header rules, identity, trust, scopes, the gate, the
 * budget, the line in the log) and leaves out only the framework between them. It refuses only what comes in crowds: a
 * partner that has spent its budget, and what the load does not allow. Whatever else is not in order, or not there, or not
 * yet known, goes on through the framework as if it had never been here.
 */
export interface ExpressLaneSteps {
  readonly path: string
  /** Whom the header is known to be good for, as it stands; undefined: to be found out. */
  readonly viewerOf: (authorization: string) => Viewer | undefined
  readonly questions: Pick<Questions, 'known'>
  /** Throws where the viewer does not hold the scopes. */
  readonly authorize: (question: Question, viewer: Viewer) => void
  readonly find: (question: Question, viewer: Viewer) => FinishedAnswer | undefined
  readonly isUnderWay: (question: Question, viewer: Viewer) => boolean
  readonly shedding: Pick<Shedding, 'isNeeded' | 'refusesExecution'>
  readonly refusals: Refusals
  readonly rateLimitFields: RateLimitFields
  /** Throws, or rejects, where the document is not trusted or the viewer has spent its budget. */
  readonly admit: (question: Question, viewer: Viewer) => void | Promise<void>
  /** Is told of every answer that was given here. */
  readonly served: () => void
  readonly now: () => number
}

/** What the server itself does for every request. */
export interface EdgeSteps {
  readonly assertSoundHeaders: HeaderRules
  /** Longest body of the server, in bytes. */
  readonly bodyBytes: number
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
  const { path, assertSoundHeaders, bodyBytes, viewerOf, questions, authorize, find, admit, served, now } = steps
  const { isUnderWay, shedding, refusals, rateLimitFields } = steps
  const longest = Math.min(MAX_BODY_BYTES, bodyBytes)
  const onwards = intercept(app.server, (request, response) => {
    const viewer = viewerIn(request)
    if (viewer === undefined) onwards(request, response)
    else take(request, response, viewer)
  })

  /** Of a request that could be answered here; before a byte of its body is read. */
  function viewerIn(request: IncomingMessage): Viewer | undefined {
    const { method, url, headers } = request
    if (method !== 'POST' || url !== path || headers['content-type'] !== 'application/json') return undefined
    const { authorization, expect, 'transfer-encoding': chunked, 'content-encoding': coding } = headers
    // The framework adds what it cost.
    if (asksForCost(headers)) return undefined
    const length = Number(headers['content-length'])
    if (authorization === undefined || expect !== undefined || chunked !== undefined || coding !== undefined)
      return undefined
    if (!(length > 0 && length <= longest) || app.draining.aborted) return undefined
    if (app.answerForms.mediaType(headers.accept) === null) return undefined
    try {
      assertSoundHeaders(request)
      return viewerOf(authorization)
    } catch {
      return undefined
    }
  }

  function take(request: IncomingMessage, response: ServerResponse, viewer: Viewer): void {
    const exchange = exchangeOf(request)
    exchange.route = path
    exchange.isAccepted = true
    auditViewer(exchange.audit, viewer)
    let body: Buffer | undefined
    request.on('data', (chunk: Buffer) => {
      body = body === undefined ? chunk : Buffer.concat([body, chunk])
    })
    request.on('end', () => {
      const bytes = body ?? Buffer.alloc(0)
      if (!serve(request, response, viewer, bytes)) leave(request, response, bytes)
    })
  }

  /** On through the framework, which finds the body that was read here, and whether its cost is taken. */
  function leave(request: Taken, response: ServerResponse, body: Buffer): void {
    request[BODY] = body
    onwards(request, response)
  }

  /** False: it is for the framework, which also words whatever was thrown; nothing has been sent. */
  function serve(request: IncomingMessage, response: ServerResponse, viewer: Viewer, body: Buffer): boolean {
    try {
      const question = questions.known(body.toString('latin1'), viewer.partner.bpnl)
      if (question !== undefined) {
        auditQuestion(exchangeOf(request).audit, question)
        authorize(question, viewer)
      }
      const answer = question && find(question, viewer)
      if (answer === undefined && shedding.isNeeded() && isShed(question, viewer)) {
        refusals.refuseForLoad(request, response, viewer)
        return true
      }
      if (question === undefined || answer === undefined) return false
      const admitted = admit(question, viewer)
      if (admitted === undefined) send(request, response, { viewer, answer })
      else void sendOnce(admitted, request, response, { question, viewer, answer, body })
      return true
    } catch (thrown) {
      if (response.headersSent) return true
      if (!(thrown instanceof GatewayError && thrown.code === 'RATE_LIMITED')) return false
      refusals.refuse(request, response, thrown, viewer)
      return true
    }
  }

  function isShed(question: Question | undefined, viewer: Viewer): boolean {
    if (question === undefined) return shedding.refusesExecution(viewer, null)
    return !isUnderWay(question, viewer) && shedding.refusesExecution(viewer, question.plan.systems)
  }

  /** After a wait, which may have taken the right to the answer: the gate is asked again. */
  async function sendOnce(
    admitted: Promise<void>,
    request: IncomingMessage,
    response: ServerResponse,
    { question, viewer, answer, body }: Waiting,
  ): Promise<void> {
    try {
      await admitted
      exchangeOf(request).isAdmitted = true
      if (find(question, viewer) === answer) send(request, response, { viewer, answer })
      else leave(request, response, body)
    } catch {
      if (response.headersSent) response.destroy()
      else leave(request, response, body)
    }
  }

  function send(request: IncomingMessage, response: ServerResponse, { viewer, answer }: Hit): void {
    const { audit } = exchangeOf(request)
    audit.answer = 'HIT'
    const limits = rateLimitFields(viewer)
    writeFinished({ request, response, forms: app.answerForms, limits }, answer, now())
    served()
  }
}

interface Hit {
  readonly viewer: Viewer
  readonly answer: FinishedAnswer
}

interface Waiting extends Hit {
  readonly question: Question
  readonly body: Buffer
}

/** The body that was read before the framework had the request; undefined: it has still to be read. */
export function bodyTakenFrom(request: Taken): Buffer | undefined {
  return request[BODY]
}
