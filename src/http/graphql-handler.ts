import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { codesOf, type WordedAnswer } from '../graphql/answering.ts'
import type { Admittance } from '../graphql/planned-operation.ts'
import type { Clock } from '../model/clock.ts'
import type { Question } from '../operations/question.ts'
import type { Answered, Answers, Executed } from '../responses/answers.ts'
import type { Questions } from '../responses/questions.ts'
import type { QuestionReader } from '../responses/reading.ts'
import { auditQuestion } from './audit.ts'
import { exchangeOf } from './exchange.ts'
import { askedBytes, parametersIn } from './parameters.ts'
import { sendFinished, sendMade } from './sending.ts'

/**
 * Answers a request to /graphql whose sender is known. A question that the gateway has met before goes the short way:
 * admitted anew, answered from finished bytes where they are there, executed where not. Everything else, and everything
 * that may be wrong, goes through the protocol, which has the last word on it.
 */
export interface GraphqlHandlerOptions {
  readonly questions: Questions
  readonly reader: QuestionReader
  /** Lets the question in, or throws; at once, where it can. */
  readonly admittance: Admittance
  readonly answers: Answers
  /** The JSON and the headers of an answer that is not kept. */
  readonly word: (question: Question, executed: Executed, requestId: string) => WordedAnswer & { readonly json: string }
  readonly protocol: RouteHandlerMethod
  readonly clock: Clock
}

export function createGraphqlHandler(options: GraphqlHandlerOptions): RouteHandlerMethod {
  const { questions, reader, admittance, answers, word, protocol, clock } = options

  function send(question: Question, answered: Answered, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    request.audit.answer = answered.by
    if ('finished' in answered) return sendFinished(request, reply, answered.finished, clock.now())
    const made = word(question, answered, request.id)
    if (made.errors !== null) request.audit.codes = codesOf(made.errors)
    return sendMade(request, reply, made)
  }

  /** Nothing is returned of an answer that was there at once, because the framework would wait for it. */
  function answer(question: Question, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> | undefined {
    const answered = answers.answer(question, request.viewer, request.id)
    if (answered instanceof Promise) return answered.then(made => send(question, made, request, reply))
    send(question, answered, request, reply)
    return undefined
  }

  return function handle(request, reply) {
    const { viewer, audit } = request
    const { bpnl } = viewer.partner
    const bytes = askedBytes(request)
    let question = questions.known(bytes, bpnl)
    const isNew = question === undefined
    if (question === undefined) {
      const parameters = parametersIn(request)
      question = (parameters && reader.questionIn(parameters, viewer)) ?? undefined
      if (question === undefined) {
        audit.answer = 'PROTOCOL'
        return protocolRoad(parameters, request, reply)
      }
    }
    auditQuestion(audit, question)
    admittance.authorize(question, viewer)
    // The express lane may have taken its cost before the answer went away.
    const admitted = exchangeOf(request.raw).isAdmitted ? undefined : admittance.admit(question, viewer)
    if (isNew) questions.remember(bytes, question, bpnl)
    if (admitted === undefined) return answer(question, request, reply)
    const known = question
    return admitted.then(() => answer(known, request, reply) ?? reply)
  }

  function protocolRoad(parameters: ReturnType<typeof parametersIn>, request: FastifyRequest, reply: FastifyReply) {
    if (parameters !== null) {
      const asked = reader.withText(parameters, request.viewer)
      if (request.method === 'POST') request.body = asked
      else if (asked !== parameters) request.query = inUrl(asked)
    }
    return protocol.call(request.server, request, reply)
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
