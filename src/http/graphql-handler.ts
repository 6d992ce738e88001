import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Admission } from '../admission/admission.ts'
import type { WordedAnswer } from '../graphql/answering.ts'
import type { Admittance } from '../graphql/planned-operation.ts'
import type { Clock } from '../model/clock.ts'
import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'
import { assertShallow } from '../operations/nesting.ts'
import type { Question } from '../operations/question.ts'
import type { Answered, Answers, Executed } from '../responses/answers.ts'
import type { Questions } from '../responses/questions.ts'
import type { Parameters, QuestionReader } from '../responses/reading.ts'
import { auditErrors, auditFreshness, auditQuestion, auditWarnings } from './audit.ts'
import { exchangeOf } from './exchange.ts'
import { bodyTakenFrom } from './express-lane.ts'
import { askedBytes, parametersIn } from './parameters.ts'
import type { RateLimitFields } from './rate-limit-fields.ts'
import { overloaded } from './refusals.ts'
import { sendFinished, sendMade } from './sending.ts'

/**
 * Answers a request to /graphql whose sender is known. A question that the gateway has met before goes the short way:
 * admitted anew, answered from finished bytes where they are there, executed where not. Everything else, and everything
 * that may be wrong, goes through the protocol, which has the last word on it. What has to be executed is let in first by the
 * load and by its partner's places, before its cost is taken.
 */
export interface GraphqlHandlerOptions {
  readonly questions: Questions
  readonly reader: QuestionReader
  /** Lets the question in, or throws; at once, where it can. */
  readonly admittance: Admittance
  readonly answers: Pick<Answers, 'find' | 'isUnderWay' | 'answer'>
  readonly admission: Pick<Admission, 'shedding' | 'executions' | 'assertSolvent' | 'charge'>
  readonly rateLimitFields: RateLimitFields
  /** The JSON and the headers of an answer that is not kept. */
  readonly word: (question: Question, executed: Executed, requestId: string) => WordedAnswer & { readonly json: string }
  readonly protocol: RouteHandlerMethod
  /** Of a document. */
  readonly maxTokens: number
  readonly clock: Clock
}

export function createGraphqlHandler(options: GraphqlHandlerOptions): RouteHandlerMethod {
  const { questions, reader, admittance, answers, admission, rateLimitFields, word, protocol, clock } = options
  const { maxTokens } = options
  const { shedding, executions } = admission

  function send(question: Question, answered: Answered, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    request.audit.answer = answered.by
    const limits = rateLimitFields(request.viewer)
    if ('finished' in answered) return sendFinished(request, reply, answered.finished, { limits, nowMs: clock.now() })
    const made = word(question, answered, request.id)
    if (made.errors !== null) auditErrors(request.audit, made.errors, answered.result.data)
    else auditFreshness(request.audit, question.plan.maxAgeSeconds ?? 0, answered.freshUntilMs, clock.now())
    auditWarnings(request.audit, answered.result.extensions)
    return sendMade(request, reply, made, limits)
  }

  /** Nothing is returned of an answer that was there at once, because the framework would wait for it. */
  function answer(question: Question, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> | undefined {
    const answered = answers.answer(question, request.viewer, request.id)
    if (answered instanceof Promise) return answered.then(made => send(question, made, request, reply))
    send(question, answered, request, reply)
    return undefined
  }

  /** Throws OVERLOADED, or RATE_LIMITED where the partner has no place left for what would have to be executed. */
  function assertLetIn(question: Question, { viewer, raw }: FastifyRequest): void {
    const { systems } = question.plan
    if (answers.find(question, viewer) !== undefined || answers.isUnderWay(question, viewer)) return
    if (isToAsk(raw) && shedding.refusesExecution(viewer, systems)) throw overloaded()
    executions.assertRoom(viewer, systems)
  }

  /** The load: of what came through the express lane, that has asked already. */
  function isToAsk(raw: IncomingMessage): boolean {
    return shedding.isNeeded() && bodyTakenFrom(raw) === undefined
  }

  return function handle(request, reply) {
    const { viewer, audit } = request
    const { bpnl } = viewer.partner
    const bytes = askedBytes(request)
    let question = questions.known(bytes, bpnl)
    const isNew = question === undefined
    if (question === undefined) {
      // Who cannot pay for any operation has nothing read.
      admission.assertSolvent(viewer)
      const parameters = charged(viewer, () => parametersIn(request))
      question = (parameters && reader.questionIn(parameters, viewer)) ?? undefined
      if (question === undefined) {
        audit.answer = 'PROTOCOL'
        return protocolRoad(parameters, request, reply)
      }
    }
    auditQuestion(audit, question)
    admittance.authorize(question, viewer)
    // The express lane may have taken its cost before the answer went away.
    const { isAdmitted } = exchangeOf(request.raw)
    if (!isAdmitted) assertLetIn(question, request)
    const admitted = isAdmitted ? undefined : admittance.admit(question, viewer)
    if (isNew) questions.remember(bytes, question, bpnl)
    if (admitted === undefined) return answer(question, request, reply)
    const known = question
    return admitted.then(() => answer(known, request, reply) ?? reply)
  }

  /** What is refused before it is let in is charged for all the same. */
  function charged<T>(viewer: Viewer, read: () => T): T {
    try {
      return read()
    } catch (refusal) {
      admission.charge(viewer)
      throw refusal
    }
  }

  function protocolRoad(parameters: Parameters | null, request: FastifyRequest, reply: FastifyReply) {
    const { viewer, raw, audit } = request
    if (isToAsk(raw) && shedding.refusesExecution(viewer, null)) throw overloaded()
    if (parameters !== null) {
      const asked = reader.withText(parameters, viewer)
      const { query } = asked
      charged(viewer, () => {
        if (typeof query === 'string') assertShallow(query, maxTokens)
        // The protocol knows hashes alone, and would miss a query.
        if (reader.isByIdAlone(asked))
          throw new GatewayError('PERSISTED_QUERY_NOT_FOUND', 'No document is known by this id. Send its text.')
      })
      if (request.method === 'POST') request.body = asked
      else if (asked !== parameters) request.query = inUrl(asked)
    }
    return executions.run(viewer, null, async () => {
      const answer: unknown = await protocol.call(request.server, request, reply)
      // Without a cost, it was read and never let in.
      if (audit.cost === null && !audit.codes.includes('RATE_LIMITED')) admission.charge(viewer)
      return answer
    })
  }
}

/** As the protocol reads them out of a URL: objects are JSON text. */
function inUrl(parameters: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
    ]),
  )
}
