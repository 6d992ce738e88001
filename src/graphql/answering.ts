import type { ApolloServerPlugin } from '@apollo/server'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { Log } from '../observe/log.ts'
import type { RequestContext } from './context.ts'
import { gatewayErrorIn, wordError, wordGraphQLError } from './error-format.ts'

type AnswerLog = Pick<Log, 'warn' | 'error'>

/**
 * The last step of an operation: words its errors for the partner, in an order that does not depend on which read came
 * back first, sets the status of an answer that is an error as a whole, and says how long a good answer is fresh.
 */
export function answering(log: AnswerLog): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      async willSendResponse({ errors, response, contextValue }) {
        const { body, http } = response
        if (body.kind !== 'single') return
        const { plan, requestId } = contextValue
        if (!errors || errors.length === 0) {
          http.headers.set('cache-control', `private, max-age=${plan?.maxAgeSeconds ?? 0}`)
          // One client may ask for several partners: its cache must not take one's answer for another's.
          http.headers.set('vary', 'authorization, accept')
          return
        }
        http.headers.set('cache-control', 'no-store')
        body.singleResult.errors = reportErrors(errors, requestId, log)
        if (body.singleResult.data === undefined) {
          const worded = problemsOf(errors).map(error => wordError(error, requestId))
          http.status = Math.max(...worded.map(({ httpStatus }) => httpStatus))
          const retryAfterSeconds = worded[0]?.extensions.retryAfterSeconds
          if (typeof retryAfterSeconds === 'number')
            http.headers.set('retry-after', String(Math.ceil(retryAfterSeconds)))
        }
      },
    }),
  }
}

/** Words an answer's errors for the partner, and writes to the log what partners are not told. */
export function reportErrors(
  errors: readonly GraphQLError[],
  requestId: string,
  log: AnswerLog,
): readonly GraphQLFormattedError[] {
  const problems = problemsOf(errors)
  const reported = new Set<unknown>()
  for (const problem of problems) reportCause(log, problem, requestId, reported)
  return problems.map(problem => wordGraphQLError(problem, requestId))
}

function problemsOf(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  return errors.flatMap(problemsIn).toSorted(inPathOrder)
}

/** A refusal may stand for several problems of one document. */
function problemsIn(error: GraphQLError): readonly GraphQLError[] {
  const refusal = gatewayErrorIn(error)
  const problems = documentProblems(refusal?.cause)
  if (!refusal || problems.length === 0) return [error]
  return problems.map(
    problem => new GraphQLError(problem.message, { nodes: problem.nodes ?? null, extensions: { code: refusal.code } }),
  )
}

/** The problems of a document or its variables. Sources throw aggregates too, such as of connections refused. */
function documentProblems(cause: unknown): readonly GraphQLError[] {
  if (!(cause instanceof AggregateError)) return []
  const errors: readonly unknown[] = cause.errors
  const problems = errors.filter(problem => problem instanceof GraphQLError)
  return problems.length === errors.length ? problems : []
}

function inPathOrder(a: GraphQLError, b: GraphQLError): number {
  return comparePaths(a.path ?? [], b.path ?? [])
}

function comparePaths(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [left, right] = [a[index], b[index]]
    if (left === right) continue
    if (typeof left === 'number' && typeof right === 'number') return left - right
    return String(left) < String(right) ? -1 : 1
  }
  return a.length - b.length
}

/** Partners are told what concerns them; what is wrong inside goes to the log, once however many fields it failed. */
function reportCause(log: AnswerLog, problem: GraphQLError, requestId: string, reported: Set<unknown>): void {
  const { code } = wordError(problem, requestId).extensions
  const error = code === 'INTERNAL' ? (problem.originalError ?? problem) : gatewayErrorIn(problem)?.cause
  if (!(error instanceof Error) || reported.has(error)) return
  reported.add(error)
  if (code === 'INTERNAL') log.error({ error, requestId, path: problem.path }, 'a field failed')
  else log.warn({ error, requestId, path: problem.path, code }, 'a restored system failed a field')
}
