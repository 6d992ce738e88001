import { describe, expect, test } from '@jest/globals'
import { GraphQLError } from 'graphql'
import { GatewayError } from '../../src/model/errors.ts'
import { reticent } from '../../src/operations/reticence.ts'

function told(document: string, ...messages: readonly string[]): readonly string[] {
  const problems = messages.map(message => new GraphQLError(message))
  const refusal = new GatewayError('GRAPHQL_VALIDATION_FAILED', messages[0] ?? '', {
    cause: new AggregateError(problems),
  })
  const { message, code, cause } = reticent(refusal, document) as GatewayError
  expect(code).toBe('GRAPHQL_VALIDATION_FAILED')
  const reworded = (cause as AggregateError).errors.map((problem: GraphQLError) => problem.message)
  expect(message).toBe(reworded[0])
  return reworded
}

describe('who may not read the schema is told what is wrong', () => {
  test.each([
    ['{ a }', 'Cannot query field "a" on type "Query".', 'Cannot query field "a" on type "…".'],
    [
      '{ ...F } fragment F on Query { a }',
      'Cannot query field "a" on type "Query".',
      'Cannot query field "a" on type "Query".',
    ],
    [
      '{ a(k: PAYED) }',
      'Value "PAYED" does not exist in "InvoiceStatus" enum.',
      'Value "PAYED" does not exist in "…" enum.',
    ],
    [
      '{ part }',
      'Field "part" argument "partNumber" of type "PartNumber!" is required, but it was not provided.',
      'Field "part" argument "…" of type "…" is required, but it was not provided.',
    ],
  ])('in the names of its document alone: %s', (document, message, expected) => {
    expect(told(document, message)).toEqual([expected])
  })

  test.each([
    [
      'query ($n: X) { part }',
      'Variable "$n": PartNumber must be a string: as printed, ".", "/" and "-"; got "a secret".',
    ],
    [
      '{ part(n: "a secret") } query n { n }',
      'Variable "$n": PartNumber must be a string: as printed, ".", "/" and "-"; got "a secret".',
    ],
    [
      '{ part(n: """a secret""") } query n { n }',
      'Variable "$n": PartNumber must be a string: as printed, ".", "/" and "-"; got "a secret".',
    ],
    ['query n { n }', 'Variable "$n": PartNumber must be a string: as printed, ".", "/" and "-"; got "a \\" secret".'],
  ])('without a value: %s', (document, message) => {
    expect(told(document, message)).toEqual([
      'Variable "$n": The value must be a string: as printed, ".", "/" and "-"; got "…".',
    ])
  })

  test('of every problem, where there are several', () => {
    expect(
      told('{ a b }', 'Cannot query field "a" on type "Query".', 'Cannot query field "b" on type "Query".'),
    ).toEqual(['Cannot query field "a" on type "…".', 'Cannot query field "b" on type "…".'])
  })

  test('as it is, where it is no problem of a document', () => {
    const forbidden = new GatewayError('FORBIDDEN', 'Fields need scopes: "a".')
    expect(reticent(forbidden, '{ b }')).toBe(forbidden)
    const refused = new GatewayError('SYSTEM_UNAVAILABLE', 'It is away.', {
      cause: new AggregateError([new Error('connect ECONNREFUSED')]),
    })
    expect(reticent(refused, '{ b }')).toBe(refused)
    const unknown = new Error('"x"')
    expect(reticent(unknown, '')).toBe(unknown)
  })
})
