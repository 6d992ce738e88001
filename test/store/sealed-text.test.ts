import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { open, seal } from '../../src/store/sealed-text.ts'

const sealing = fc.record({
  key: fc.string(),
  value: fc.jsonValue(),
  expiresAt: fc.integer({ min: 0, max: 9_999_999_999_999 }),
})

describe('a text in the shared store', () => {
  test('opens under its key to what was sealed', () => {
    fc.assert(
      fc.property(sealing, ({ key, value, expiresAt }) => {
        const json = JSON.stringify(value)
        expect(open(key, seal(key, json, expiresAt))).toEqual({ value: JSON.parse(json), expiresAt })
      }),
    )
  })

  test('does not open under another key', () => {
    fc.assert(
      fc.property(sealing, fc.string(), ({ key, value, expiresAt }, other) => {
        fc.pre(key !== other)
        expect(open(other, seal(key, JSON.stringify(value), expiresAt))).toBeNull()
      }),
    )
  })

  test('does not open when it was cut, or one character of it is another', () => {
    fc.assert(
      fc.property(
        sealing,
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1 }),
        ({ key, value, expiresAt }, at, put) => {
          const sealed = seal(key, JSON.stringify(value), expiresAt)
          const index = at % sealed.length
          fc.pre(sealed[index] !== put)
          expect(open(key, sealed.slice(0, index))).toBeNull()
          expect(open(key, sealed.slice(0, index) + put + sealed.slice(index + 1))).toBeNull()
        },
      ),
    )
  })

  test.each(['', '{}', 'null', '"text"', 'record-2 1 x {}', 'record-1  x {}'])('does not open where it is %j', text =>
    expect(open('key', text)).toBeNull(),
  )
})
