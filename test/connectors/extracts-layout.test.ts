import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { indexesOf, storedOperand } from '../../src/connectors/extracts/layout.ts'
import { comparatorOf } from '../../src/connectors/ordering.ts'
import { decimal } from '../../src/systems/columns.ts'
import { RELATIONS } from '../../src/systems/relations/all.ts'

const digits = (most: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: most })
const sign = fc.constantFrom('', '-')
const value = fc.tuple(sign, digits(16), digits(2)).map(([minus, whole, part]) => `${minus}${whole}.${part}`)
const operand = fc.oneof(
  value,
  fc.tuple(sign, digits(30)).map(parts => parts.join('')),
  fc.tuple(value, digits(9)).map(([start, rest]) => start + rest),
)

test('a stored decimal compares with any operand as the two texts do', () => {
  const column = decimal(18, 2)
  const compare = comparatorOf(column)
  fc.assert(
    fc.property(value, operand, (a, b) => {
      const [x, y] = [storedOperand(column, a), storedOperand(column, b)]
      expect(Math.sign(Number(x > y) - Number(x < y))).toBe(Math.sign(compare(a, b)))
    }),
    { numRuns: 1_000 },
  )
})

test('a decimal of more digits than 64 bits hold is refused as a mistake', () => {
  expect(() => storedOperand(decimal(19, 2), '1.00')).toThrow('numeric(19,2) has more than 18 digits')
  for (const relation of Object.values(RELATIONS).flat())
    for (const column of Object.values(relation.columns).filter(({ kind }) => kind === 'decimal'))
      expect(() => storedOperand(column, '1')).not.toThrow()
})

test('every look-up, the order and every access column have an index, and none is the beginning of another', () => {
  for (const relation of Object.values(RELATIONS).flat()) {
    const indexes = indexesOf(relation).map(({ columns }) => columns.join())
    for (const columns of [...relation.lookups, relation.order.columns])
      expect(indexes.some(index => `${index},`.startsWith(`${columns.join()},`))).toBe(true)
    for (const [n, index] of indexes.entries())
      expect(indexes.some((other, m) => m !== n && `${other},`.startsWith(`${index},`))).toBe(false)
  }
})
