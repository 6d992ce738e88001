import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { jsonFaultAt } from '../../src/http/json-fault.ts'

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('the place where a text stops being JSON', () => {
  test.each([
    ['', 0],
    ['{', 1],
    ['{"a":}', 5],
    ['{"a":1,}', 7],
    ['{a:1}', 1],
    ['[1 2]', 3],
    ['[1]]', 3],
    ['{"a":1}x', 7],
    ['"open', 0],
    ['[01]', 2],
    ['[}', 1],
    [',', 0],
  ])('%j is at fault at %i', (text, offset) => expect(jsonFaultAt(text)).toBe(offset))

  test('is found exactly where JSON.parse refuses', () => {
    const damaged = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', '{', '}', '[', ']', ',', ':', '"', '\\', '0', '\n', 'é', '\u0001'),
      )
      .map(([json, at, piece]) => {
        const offset = at % (json.length + 1)
        return json.slice(0, offset) + piece + json.slice(offset + 1)
      })
    fc.assert(
      fc.property(damaged, text => (jsonFaultAt(text) === null) === isJson(text)),
      { numRuns: 1_000 },
    )
  })

  test('is found in a body of the greatest length, of any depth', () => {
    expect(jsonFaultAt('['.repeat(262_144))).toBe(262_144)
    expect(jsonFaultAt(`{"query":"${'é\\n'.repeat(80_000)}"`)).toBe(240_011)
  })

  test('is found in the longest body that can be configured, and does not overflow the stack', () => {
    expect(jsonFaultAt(`{"query":"${'x'.repeat(16_777_000)}`)).toBe(9)
    expect(jsonFaultAt(`{"query":"${'\\n'.repeat(8_388_000)}"`)).toBe(16_776_011)
  })
})
