import { describe, expect, test } from '@jest/globals'
import { parseValue } from 'graphql'
import { representation } from '../../../src/graphql/federation/representation.ts'

const ALLOWED = { __typename: 'Part', partNumber: 'LR106259' }

describe('a representation', () => {
  test('is an object of one level with the name of its type', () => {
    expect(representation.parseValue(ALLOWED)).toEqual(ALLOWED)
    expect(representation.parseLiteral(parseValue('{ __typename: "Part", partNumber: "LR106259" }'), {})).toEqual(
      ALLOWED,
    )
  })

  test.each([
    ['text', 'Part', 'a value of type string'],
    ['nothing', null, 'null'],
    ['a list', [ALLOWED], 'a list'],
    ['an object without a type', { partNumber: 'LR106259' }, 'one without __typename'],
    ['a type that is no text', { __typename: 7 }, 'one without __typename'],
    ['an object inside', { ...ALLOWED, site: { bpns: 'BPNS00000D00015V' } }, 'one with lists or objects inside'],
    ['a list inside', { ...ALLOWED, sites: [] }, 'one with lists or objects inside'],
  ])('is not %s', (_, value, given) => {
    expect(() => representation.parseValue(value)).toThrow(`members of a key; got ${given}.`)
  })

  test('holds no variable, which would be read where nobody has counted it', () => {
    const literal = parseValue('{ __typename: "Part", partNumber: $number }')
    expect(() => representation.parseLiteral(literal, { number: 'LR106259' })).toThrow('a variable inside')
  })

  test('is never given', () => {
    expect(() => representation.serialize(ALLOWED)).toThrow(TypeError)
  })
})
