import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { canonicalJson, keyOf, tupleOf } from '../../src/model/key.ts'

/** Any strings, the ill-formed ones and those that look like length prefixes included. */
const parts = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\ud800', '\udfff', '\ufffd', '1', ':', 'é', '\0') }),
  ),
  { maxLength: 6 },
)

describe('the key', () => {
  test('is equal for equal lists and different for different ones', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(keyOf(...a)).toBe(keyOf(...[...a]))
        expect(keyOf(...a) === keyOf(...b)).toBe(a.length === b.length && a.every((part, at) => part === b[at]))
      }),
      { numRuns: 1_000 },
    )
  })

  test('does not change with where one part ends and the next begins', () => {
    fc.assert(
      fc.property(parts, fc.string({ minLength: 1 }), fc.nat(), (before, text, at) => {
        const cut = at % (text.length + 1)
        expect(keyOf(...before, text)).not.toBe(keyOf(...before, text.slice(0, cut), text.slice(cut)))
      }),
    )
  })

  test.each([
    [['a', 'b'], ['ab']],
    [['a', 'b'], ['a1:b']],
    [['1:a'], ['a']],
    [[], ['']],
    [[''], ['', '']],
    [['\ud800'], ['\ufffd']],
    [['\ud800'], ['\udbff']],
  ])('of %j is not that of %j', (a, b) => expect(keyOf(...a)).not.toBe(keyOf(...b)))

  test('has 43 characters of base64url, however long the parts', () =>
    expect(keyOf('x'.repeat(1_000_000))).toMatch(/^[\w-]{43}$/))
})

describe('the text of a tuple', () => {
  const values = fc.array(
    fc.oneof(
      parts.map(list => list.join('')),
      fc.constantFrom('1"', '0"', '"', '1;', ';', ''),
      fc.jsonValue(),
    ),
    {
      maxLength: 4,
    },
  )

  test('is equal for equal values and different for different ones', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(tupleOf(structuredClone(a))).toBe(tupleOf(a))
        expect(tupleOf(a) === tupleOf(b)).toBe(canonicalJson(a) === canonicalJson(b))
      }),
      { numRuns: 1_000 },
    )
  })

  test.each([
    [['a', 'b'], ['ab']],
    [['1'], [1]],
    [[1, 2], [12]],
    [['1;'], [1]],
    [['', ''], ['0"']],
    [[null], ['null']],
    [[], ['']],
  ])('of %j is not that of %j', (a, b) => expect(tupleOf(a)).not.toBe(tupleOf(b)))
})

describe('canonical JSON', () => {
  const json = fc.jsonValue({ maxDepth: 4, noUnicodeString: false })

  test('does not depend on the order in which members were written', () => {
    fc.assert(
      fc.property(json, value => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value))
      }),
    )
  })

  test('is JSON of the same value, so different values have different texts', () => {
    fc.assert(
      fc.property(json, value => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      { numRuns: 500 },
    )
  })

  test('gives every value a text, also what JSON has no word for', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }), value => {
        expect(typeof canonicalJson(value)).toBe('string')
      }),
    )
    expect(canonicalJson(undefined)).toBe('null')
    expect(canonicalJson([undefined, () => 1, Symbol('s')])).toBe('[null,null,null]')
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}')
  })

  test('does not let an object pass for a big integer, nor a number or text', () => {
    const texts = [1n, 1, '1', '1n', { $bigint: '1' }].map(canonicalJson)
    expect(new Set(texts).size).toBe(texts.length)
  })

  test('keeps the order of a list, which means something', () =>
    expect(canonicalJson(['b', 'a'])).not.toBe(canonicalJson(['a', 'b'])))

  test('sorts names by code unit, and keeps one that is called __proto__', () =>
    expect(canonicalJson(JSON.parse('{"b":1,"B":2,"__proto__":3,"é":4}'))).toBe('{"B":2,"__proto__":3,"b":1,"é":4}'))
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value).toReversed()
  return Object.fromEntries(members.map(([name, member]) => [name, reversed(member)]))
}
