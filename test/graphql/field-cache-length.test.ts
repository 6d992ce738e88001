import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isLongerThan } from '../../src/graphql/json-length.ts'

describe('the length of a record, looked at before it is written out,', () => {
  test('is never taken to be more than it is', () =>
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), value => {
        expect(isLongerThan(value, JSON.stringify(value).length)).toBe(false)
      }),
    ))

  test('counts nothing that JSON leaves out', () => {
    const value = { a: undefined, b: undefined, c: 1 }
    expect(isLongerThan(value, JSON.stringify(value).length)).toBe(false)
  })

  test.each([
    ['text', 'x'.repeat(100)],
    ['a list of figures', Array.from({ length: 101 }, () => 1)],
    ['long names', { ['x'.repeat(100)]: 1 }],
    ['depth', { a: [{ b: { c: 'x'.repeat(100) } }] }],
  ])('is found to be too much where that is %s', (_what, value) => expect(isLongerThan(value, 100)).toBe(true))

  test('is looked for no further than it matters', () => {
    const ownKeys = () => {
      throw new Error('it was looked at')
    }
    const rest = new Proxy({}, { ownKeys })
    expect(() => isLongerThan([rest], 100)).toThrow('looked at')
    expect(isLongerThan(['x'.repeat(101), rest], 100)).toBe(true)
  })
})
