import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { deepFreeze } from '../../src/model/freeze.ts'

test('nothing in a frozen value can be changed, and the value stays what it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const before = structuredClone(value)
      expect(deepFreeze(value)).toBe(value)
      expect(value).toEqual(before)
      for (const object of objectsIn(value)) expect(Object.isFrozen(object)).toBe(true)
    }),
  )
})

test('a change to a frozen record throws, however deep', () => {
  const record = deepFreeze({ chain: [{ partNumber: 'A1' }] })
  expect(() => Object.assign(record.chain[0] ?? {}, { partNumber: 'B2' })).toThrow(TypeError)
  expect(() => record.chain.push({ partNumber: 'B2' })).toThrow(TypeError)
})

test('a value that holds itself is frozen too', () => {
  const value: { self?: unknown } = {}
  value.self = value
  expect(Object.isFrozen(deepFreeze(value))).toBe(true)
})

function objectsIn(value: unknown): readonly object[] {
  if (value === null || typeof value !== 'object') return []
  return [value, ...Object.values(value).flatMap(objectsIn)]
}
