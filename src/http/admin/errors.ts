import type { FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from '../../model/errors.ts'
import type { Log } from '../../observe/log.ts'
import { StatementRefusal } from '../../recovery/statements/refusal.ts'
import { edgeError } from '../error-answer.ts'
import type { ErrorView, RefusalView } from './api.ts'

/**
 * The one shape of every error that the admin listener answers: `{ code, message }`, with the guards where a statement
 * was refused. What nobody foresaw is INTERNAL, and its cause goes to the log alone.
 */

/** Until the journal may be in reach again. */
const JOURNAL_RETRY_SECONDS = 5

export function createAdminErrorHandler(log: Pick<Log, 'error'>) {
  return (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const error = edgeError(thrown)
    if (error instanceof StatementRefusal) return answerRefusal(error, reply)
    if (error instanceof GatewayError) {
      const { retryAfterSeconds } = error.details
      if (typeof retryAfterSeconds === 'number') reply.header('retry-after', String(retryAfterSeconds))
      return reply.code(error.httpStatus).send({ code: error.code, message: error.message } satisfies ErrorView)
    }
    // A client that went away mid-body gets no answer and is nobody's failure.
    if (!request.raw.readableAborted) log.error({ requestId: request.id, error }, 'an admin request failed')
    const view: ErrorView = { code: 'INTERNAL', message: 'See the log under the request id.' }
    return reply.code(500).send(view)
  }
}

/** 503 where it is the journal's fault and not the statement's. Waiting mends only the one of the two. */
function answerRefusal(refusal: StatementRefusal, reply: FastifyReply) {
  if (refusal.code === 'JOURNAL_OUT_OF_REACH') reply.header('retry-after', String(JOURNAL_RETRY_SECONDS))
  const isOfJournal = refusal.code === 'JOURNAL_OUT_OF_REACH' || refusal.code === 'JOURNAL_NOT_VERIFIED'
  return reply.code(isOfJournal ? 503 : 422).send(refusalView(refusal))
}

export function refusalView({ code, message, guards }: StatementRefusal): RefusalView {
  return { code, message, guards }
}
