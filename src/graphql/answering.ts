import type { ApolloServerPlugin } from '@apollo/server'
import { type ExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql'
import { ageSeconds } from '../model/answer-age.ts'
import type { Clock } from '../model/clock.ts'
import type { Log } from '../observe/log.ts'
import type { RequestContext } from './context.ts'
import { gatewayErrorIn, type PartnerError, wordError, wordGraphQLError } from './error-format.ts'

type AnswerLog = Pick<Log, 'warn' | 'error'>

/**
 * The last step of an operation: words its errors for the partner, in an order that does not depend on which read came
 * back first, sets the status of an answer that is an error as a whole, and says how long a good answer is fresh.
 */
export function answering(log: AnswerLog, clock: Clock): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      async willSendResponse({ errors, response, contextValue }) {
        const { body, http } = response
        if (body.kind !== 'single') return
        const { plan, requestId, freshness } = contextValue
        const { data } = body.singleResult
        const fresh = { maxAgeSeconds: plan?.maxAgeSeconds ?? 0, freshUntilMs: freshness.untilMs }
        const worded = wordAnswer({ errors, data, ...fresh }, { requestId, nowMs: clock.now(), log })
        for (const [name, value] of Object.entries(worded.headers)) http.headers.set(name, value)
        if (worded.status !== null) http.status = worded.status
        if (worded.errors === null) return
        body.singleResult.errors = worded.errors
        contextValue.observer?.failed(worded.errors, body.singleResult.data)
      },
    }),
  }
}

export interface MadeAnswer {
  readonly errors: ExecutionResult['errors']
  /** Undefined: there is nothing but errors, because the operation was refused as a whole. */
  readonly data: unknown
  readonly maxAgeSeconds: number
  /** Milliseconds since the Unix epoch. */
  readonly freshUntilMs: number
}

export interface WordedAnswer {
  /** Null: there are none. */
  readonly errors: readonly GraphQLFormattedError[] | null
  /** Null: that of any answer, 200. */
  readonly status: number | null
  readonly headers: Readonly<Record<string, string>>
}

/** What goes out beside an answer's data, for whoever sends it. */
export function wordAnswer(
  { errors, data, maxAgeSeconds, freshUntilMs }: MadeAnswer,
  { requestId, nowMs, log }: { readonly requestId: string; readonly nowMs: number; readonly log: AnswerLog },
): WordedAnswer {
  if (errors === undefined || errors.length === 0) {
    const age = ageSeconds(maxAgeSeconds, freshUntilMs, nowMs)
    const headers = {
      'cache-control': `private, max-age=${maxAgeSeconds}`,
      ...(age > 0 && { age: String(age) }),
      // One client may ask for several partners: its cache must not take one's answer for another's.
      vary: 'authorization, accept, accept-encoding',
    }
    return { errors: null, status: null, headers }
  }
  const reported = reportErrors(errors, requestId, log)
  const worded = problemsOf(errors).map(error => wordError(error, requestId))
  // An answer that gives nothing says when to come back; one that gives something is one to go on with.
  const headers = { 'cache-control': 'no-store', ...(!givesAnything(data) && waitOf(worded)) }
  if (data !== undefined) return { errors: reported, status: null, headers }
  return { errors: reported, status: Math.max(...worded.map(({ httpStatus }) => httpStatus)), headers }
}

function givesAnything(data: unknown): boolean {
  return Object.values(data ?? {}).some(value => value !== null)
}

/** RFC 9110 §10.2.3. The longest that any of the errors says: before, the same question would fail again. */
function waitOf(errors: readonly PartnerError[]): Readonly<Record<string, string>> {
  const waits = errors.flatMap(({ extensions: { retryAfterSeconds } }) =>
    typeof retryAfterSeconds === 'number' ? [retryAfterSeconds] : [],
  )
  return waits.length === 0 ? {} : { 'retry-after': String(Math.ceil(Math.max(...waits))) }
}

/** Each once. */
export function codesOf(errors: readonly GraphQLFormattedError[]): readonly string[] {
  return [...new Set(errors.map(({ extensions }) => String(extensions?.code)))]
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
