import { describe, expect, test } from '@jest/globals'
import { parse } from 'graphql'
import { assertShallow } from '../../src/operations/nesting.ts'

const nested = (levels: number, [open = '', close = ''] = '[]') =>
  `{ a(b: ${open.repeat(levels)}${close.repeat(levels)}) }`
const refusal = expect.objectContaining({
  code: 'GRAPHQL_PARSE_FAILED',
  message: expect.stringContaining('200 levels'),
})

describe('a document that nests too deeply', () => {
  test.each([
    ['lists', nested(300)],
    ['objects', `{ a(b: ${'{c:'.repeat(300)}`],
    ['fields', '{a'.repeat(300)],
  ])('%s: is refused before it is parsed, whether it is whole or not', (_, text) => {
    expect(() => assertShallow(text, 2_000)).toThrow(refusal)
  })

  test('would overflow the stack of the parser, well within its tokens', () => {
    expect(() => parse(nested(30_000), { maxTokens: 100_000 })).toThrow(RangeError)
  })
})

describe('any other document', () => {
  test('passes, whatever stands in its texts and comments', () => {
    const brackets = '['.repeat(300)
    assertShallow(nested(190), 2_000)
    assertShallow(`{ a(b: "${brackets}", c: """${brackets}""") # ${brackets}\n}`, 2_000)
    assertShallow('{a}'.repeat(1_000), 5_000)
  })

  test('is left to the parser where it is no GraphQL, or too long', () => {
    assertShallow('{ a(b: "unfinished', 2_000)
    assertShallow(nested(300), 100)
  })
})
