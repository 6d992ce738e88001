import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { GraphQLError, parse } from 'graphql'
import { wordError, wordGraphQLError } from '../../src/graphql/error-format.ts'
import { ERRORS, type ErrorCode, GatewayError } from '../../src/model/errors.ts'

const SECRET = 'ECONNREFUSED 10.0.0.3 user=finance password=hunter2'
const REQUEST = 'request-1'
const CODES = Object.keys(ERRORS) as ErrorCode[]

describe('what partners are told', () => {
  test.each(CODES)('of %s is the message it was written with, its code and whether to ask again', code => {
    const error = new GatewayError(code, 'As it was written.', { cause: new Error(SECRET), details: { system: 'X' } })
    expect(wordError(error, REQUEST)).toEqual({
      message: 'As it was written.',
      extensions: { system: 'X', code, retryable: ERRORS[code].retryable, requestId: REQUEST },
      httpStatus: ERRORS[code].httpStatus,
    })
  })

  test('cannot be changed by the details of an error', () => {
    const details = { code: 'FORBIDDEN', requestId: 'forged', retryable: true, system: 'X' }
    expect(wordError(new GatewayError('INTERNAL', 'no', { details }), REQUEST).extensions).toEqual({
      system: 'X',
      code: 'INTERNAL',
      requestId: REQUEST,
      retryable: false,
    })
  })

  test("of the gateway's own error is the same however deep it was wrapped", () => {
    const error = new GatewayError('SYSTEM_NOT_OPEN', 'Closed.')
    const wrapped = new GraphQLError('outer', { originalError: new GraphQLError('inner', { originalError: error }) })
    expect(wordError(wrapped, REQUEST)).toEqual(wordError(error, REQUEST))
  })

  test('has its place in the answer, or else in the document', () => {
    const [node] = parse('{ a }').definitions
    const at = { nodes: node ?? null, extensions: { code: 'BAD_USER_INPUT' } }
    const told = (error: GraphQLError) => {
      const { message: _, extensions: __, ...place } = wordGraphQLError(error, REQUEST)
      return place
    }
    expect(told(new GraphQLError('x', { ...at, path: ['part', 0] }))).toEqual({ path: ['part', 0] })
    expect(told(new GraphQLError('x', at))).toEqual({ locations: [{ line: 1, column: 1 }] })
    expect(told(new GraphQLError('x'))).toEqual({})
  })
})

describe('what partners are never told', () => {
  const codes = fc.constantFrom(...CODES, 'constructor', '__proto__', 'toString', 'ECONNREFUSED', 42, null, undefined)
  const originals = fc.constantFrom<unknown>(
    new Error(SECRET),
    new TypeError(SECRET),
    new AggregateError([new Error(SECRET)], SECRET),
    Object.assign(new Error(SECRET), { extensions: { code: 'BAD_USER_INPUT', secret: SECRET } }),
    Object.assign(new Error(SECRET), { code: 'BAD_USER_INPUT' }),
    SECRET,
    { message: SECRET },
    null,
  )

  test('is anything of an error that the gateway did not write', () => {
    fc.assert(
      fc.property(originals, codes, fc.nat(3), (original, code, depth) => {
        let error = original
        for (let level = 0; level < depth; level++)
          error = new GraphQLError(SECRET, {
            originalError: error as Error,
            extensions: { code, secret: SECRET, stacktrace: [SECRET] },
          })
        // An error that nothing else threw is the protocol's own, and may say what is wrong with a document.
        fc.pre(original !== null || depth === 0)
        const worded = wordError(error, REQUEST)
        expect(worded).toEqual({
          message: expect.stringContaining('Quote the request id'),
          extensions: { code: 'INTERNAL', retryable: false, requestId: REQUEST },
          httpStatus: 500,
        })
      }),
    )
  })

  test('are the extensions and the stack of any error', () => {
    fc.assert(
      fc.property(codes, code => {
        const error = new GraphQLError('Syntax Error', { extensions: { code, stacktrace: [SECRET], secret: SECRET } })
        expect(JSON.stringify(wordGraphQLError(error, REQUEST))).not.toContain('hunter2')
      }),
    )
  })

  test('is the message of a protocol error whose code is not on the list', () => {
    for (const code of ['INTERNAL_SERVER_ERROR', 'FORBIDDEN', 'constructor', undefined])
      expect(wordError(new GraphQLError(SECRET, { extensions: { code } }), REQUEST).extensions.code).toBe('INTERNAL')
  })

  test("is an error that calls itself the client's mistake and was thrown by something else", () => {
    const extensions = { http: { status: 400 } }
    expect(wordError(new GraphQLError('Bad.', { extensions }), REQUEST).extensions.code).toBe('BAD_REQUEST')
    const thrown = new GraphQLError(SECRET, { extensions, originalError: new Error(SECRET) })
    expect(wordError(thrown, REQUEST).extensions.code).toBe('INTERNAL')
  })

  test.each([
    'Cannot query field "viewe" on type "Query". Did you mean "viewer"?',
    'Unknown argument "partNumbr" on field "Query.part". Did you mean "partNumber" or "part"?',
    'Value "PAYED" does not exist in "InvoiceStatus" enum. Did you mean the enum value "PAID", "PARTIALLY_PAID", or "X"?',
  ])('is a name of the schema that they do not know: %s', message => {
    const worded = wordError(new GraphQLError(message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }), REQUEST)
    expect(worded.message).toBe(message.slice(0, message.indexOf(' Did you mean')))
  })
})

describe('a message', () => {
  const worded = (message: string) =>
    wordError(new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } }), REQUEST).message

  test('is cut where it is long', () => {
    expect(worded('x'.repeat(400))).toBe('x'.repeat(400))
    expect(worded('x'.repeat(401))).toBe(`${'x'.repeat(400)}…`)
  })

  test('keeps a question that is no hint', () =>
    expect(worded('Is it "Did you mean" that you mean?')).toContain('Is it'))

  test('of any length is worded in a moment', () => {
    const started = performance.now()
    worded('Did you mean '.repeat(100_000))
    worded(`${'Did you mean '.repeat(100_000)}?`)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})
