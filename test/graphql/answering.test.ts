import { HeaderMap } from '@apollo/server'
import { describe, expect, test } from '@jest/globals'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { answering } from '../../src/graphql/answering.ts'
import { createRequestContext, type Knowledge, NO_REQUEST_READS } from '../../src/graphql/context.ts'
import { GatewayError } from '../../src/model/errors.ts'
import type { Plan } from '../../src/operations/plan.ts'
import { viewerOf } from '../systems/viewer.ts'

interface Answered {
  readonly status: number | undefined
  readonly headers: HeaderMap
  readonly errors: readonly GraphQLFormattedError[] | undefined
  readonly logged: readonly (readonly [level: string, fields: object, message: string])[]
}

/** What becomes of an operation's errors; without data the answer is an error as a whole. */
async function answer(
  errors: readonly GraphQLError[] | undefined,
  options: { readonly data?: unknown; readonly maxAgeSeconds?: number | null } = {},
): Promise<Answered> {
  const logged: [string, object, string][] = []
  const plugin = answering(
    {
      warn: (fields, message) => void logged.push(['warn', fields, message]),
      error: (fields, message) => void logged.push(['error', fields, message]),
    },
    { now: () => 0 },
  )
  const context = createRequestContext('request-1', viewerOf(), NO_REQUEST_READS, {} as Knowledge)
  if (options.maxAgeSeconds !== undefined) context.plan = { maxAgeSeconds: options.maxAgeSeconds } as Plan
  const headers = new HeaderMap()
  const singleResult: { data?: unknown; errors?: readonly GraphQLFormattedError[] } =
    'data' in options ? { data: options.data } : {}
  const response = {
    http: { headers, status: undefined as number | undefined },
    body: { kind: 'single', singleResult },
  }
  const listener = await plugin.requestDidStart?.({} as never)
  await listener?.willSendResponse?.({ errors, response, contextValue: context } as never)
  return { status: response.http.status, headers, errors: singleResult.errors, logged }
}

const failed = (error: Error, ...path: (string | number)[]) =>
  new GraphQLError(error.message, { originalError: error, path })
const codesOf = ({ errors }: Answered) => errors?.map(error => error.extensions?.code)

describe('a good answer', () => {
  test.each([
    [60, 'private, max-age=60'],
    [0, 'private, max-age=0'],
    [null, 'private, max-age=0'],
    [undefined, 'private, max-age=0'],
  ])('that keeps for %p seconds says so, to its own client only', async (maxAgeSeconds, header) => {
    const { headers, status, logged } = await answer(undefined, {
      data: {},
      ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    })
    expect(headers.get('cache-control')).toBe(header)
    expect([status, logged]).toEqual([undefined, []])
  })
})

describe('an answer with errors', () => {
  test('says when to come back where it gives nothing: the longest of what its errors say', async () => {
    const errors = [4, 9, 6].map(retryAfterSeconds =>
      failed(new GatewayError('SYSTEM_UNAVAILABLE', 'No.', { details: { retryAfterSeconds } }), 'part'),
    )
    const waitWith = async (data: unknown) => (await answer(errors, { data })).headers.get('retry-after')
    expect([await waitWith({ part: null }), await waitWith(null)]).toEqual(['9', '9'])
    expect(await waitWith({ part: null, restartStatus: {} })).toBeUndefined()
  })

  test('is kept by nobody, and stays 200 where it is an answer in part', async () => {
    const answered = await answer([failed(new GatewayError('SYSTEM_NOT_OPEN', 'Closed.'), 'part')], {
      data: { part: null },
      maxAgeSeconds: 60,
    })
    expect(answered.headers.get('cache-control')).toBe('no-store')
    expect(answered.status).toBeUndefined()
    expect(answered.errors).toEqual([
      {
        message: 'Closed.',
        path: ['part'],
        extensions: { code: 'SYSTEM_NOT_OPEN', retryable: true, requestId: 'request-1' },
      },
    ])
  })

  test('has them in the order of their paths, whichever read came back first', async () => {
    const error = new GatewayError('SYSTEM_UNAVAILABLE', 'Down.')
    const paths = [['b'], ['a', 10, 'x'], ['a', 2, 'x'], ['a'], ['a', 2], []]
    const { errors } = await answer(
      paths.map(path => failed(error, ...path)),
      { data: null },
    )
    expect(errors?.map(({ path }) => path)).toEqual([[], ['a'], ['a', 2], ['a', 2, 'x'], ['a', 10, 'x'], ['b']])
  })

  test('that is an error as a whole has the status of its error, and says when to ask again', async () => {
    const error = new GatewayError('RATE_LIMITED', 'Too much.', { details: { retryAfterSeconds: 17.2 } })
    const { status, headers } = await answer([failed(error)])
    expect(status).toBe(429)
    expect(headers.get('retry-after')).toBe('18')
  })

  test('has no time to ask again where asking again does not help', async () =>
    expect((await answer([failed(new GatewayError('FORBIDDEN', 'No.'))])).headers.has('retry-after')).toBe(false))

  test('tells every problem of a refused document, each with its place', async () => {
    const problems = ['first', 'second'].map(message => new GraphQLError(message))
    const refusal = new GatewayError('GRAPHQL_VALIDATION_FAILED', 'first', { cause: new AggregateError(problems) })
    const answered = await answer([failed(refusal)])
    expect(answered.errors?.map(({ message }) => message)).toEqual(['first', 'second'])
    expect(codesOf(answered)).toEqual(['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_VALIDATION_FAILED'])
    expect([answered.status, answered.logged]).toEqual([400, []])
  })

  test("keeps a system's own list of failures inside: it is one error, with its code and its place", async () => {
    const refused = new AggregateError([
      new Error('connect ECONNREFUSED ::1:5432'),
      new Error('connect ECONNREFUSED 127.0.0.1:5432'),
    ])
    const answered = await answer(
      [failed(new GatewayError('SYSTEM_UNAVAILABLE', 'Down.', { cause: refused }), 'part')],
      { data: { part: null } },
    )
    expect(answered.errors).toMatchObject([
      { message: 'Down.', path: ['part'], extensions: { code: 'SYSTEM_UNAVAILABLE' } },
    ])
    expect(answered.logged).toMatchObject([
      ['warn', { error: refused, requestId: 'request-1', code: 'SYSTEM_UNAVAILABLE' }, expect.anything()],
    ])
  })
})

describe('the log', () => {
  test('has the cause of an error that the partner is not told', async () => {
    const defect = new TypeError('secret')
    const { logged, errors } = await answer([failed(defect, 'part')], { data: { part: null } })
    expect(logged).toMatchObject([
      ['error', { error: defect, requestId: 'request-1', path: ['part'] }, 'a field failed'],
    ])
    expect(JSON.stringify(errors)).not.toContain('secret')
  })

  test('has a cause once, however many fields it failed', async () => {
    const down = new GatewayError('SYSTEM_UNAVAILABLE', 'Down.', { cause: new Error('refused') })
    const defect = new Error('defect')
    const errors = Array.from({ length: 200 }, (_, index) => [
      failed(down, 'a', index),
      failed(defect, 'b', index),
    ]).flat()
    const { logged, errors: told } = await answer(errors, { data: null })
    expect(logged.map(([level]) => level)).toEqual(['warn', 'error'])
    expect(told).toHaveLength(400)
  })

  test('has nothing of what a client did wrong, or of a system that is closed', async () => {
    const errors = [new GatewayError('SYSTEM_NOT_OPEN', 'Closed.'), new GatewayError('BAD_USER_INPUT', 'No.')].map(
      error => failed(error),
    )
    expect((await answer(errors, { data: null })).logged).toEqual([])
  })
})
