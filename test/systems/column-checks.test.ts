import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Column } from '../../src/systems/columns.ts'
import * as columns from '../../src/systems/columns.ts'
import { RELATIONS } from '../../src/systems/relations/all.ts'

const CODES = ['STOCK', 'DAILY'] as const
const COLUMNS: Readonly<Record<string, Column>> = {
  text: columns.text(5),
  char: columns.char(3),
  oneOf: columns.oneOf(CODES),
  someOf: columns.someOf(CODES),
  texts: columns.texts(),
  integer: columns.integer(),
  boolean: columns.boolean(),
  money: columns.money(),
  fraction: columns.decimal(2, 2),
  whole: columns.decimal(3, 0),
  date: columns.date(),
  timestamp: columns.timestamp(),
  bpns: columns.bpns(),
  partNumber: columns.partNumber(),
}

const digits = (text: string) => fc.string({ unit: fc.constantFrom(...text), maxLength: 8 })
const two = fc.integer({ min: 0, max: 62 }).map(number => String(number).padStart(2, '0'))
const day = fc
  .tuple(fc.constantFrom('0000', '0001', '1900', '2000', '2024', '2025', '9999'), two, two)
  .map(parts => parts.join('-'))
const instant = fc
  .tuple(
    day,
    two,
    two,
    two,
    fc.constantFrom('', '.0', '.000', '.123', '.1234'),
    fc.constantFrom('Z', '+00:00', 'z', ''),
  )
  .map(([date, hour, minute, second, fraction, zone]) => `${date}T${hour}:${minute}:${second}${fraction}${zone}`)
const sign = fc.constantFrom('', '-', '+')
const decimal = fc.tuple(sign, digits('0019'), fc.constantFrom('', '.'), digits('0019')).map(parts => parts.join(''))
const values = fc.oneof(
  fc.anything(),
  fc.string({ maxLength: 6 }),
  fc.constantFrom(...CODES, 'stock', 'DAP', 'LR0 71/0', 'LR0 ', 'BPNS00000D00015V', 'BPNS00000D00015'),
  fc.integer({ min: -(2 ** 33), max: 2 ** 33 }),
  fc.constantFrom(2 ** 31, 2 ** 31 - 1, -(2 ** 31), -0, Number.NaN),
  decimal,
  day,
  instant,
)

describe.each(Object.entries(COLUMNS))('a column of %s', (_name, column) => {
  test('takes nothing as it is that its schema would refuse or change, be it optional or not', () => {
    for (const one of [column, columns.optional(column)])
      fc.assert(
        fc.property(values, value => {
          if (one.isPlain(value)) expect(one.schema.safeParse(value)).toStrictEqual({ success: true, data: value })
        }),
        { numRuns: 2_000 },
      )
  })
})

test.each([
  [columns.text(5), 'abcde'],
  [columns.char(3), 'DAP'],
  [columns.oneOf(CODES), 'STOCK'],
  [columns.integer(), -7],
  [columns.boolean(), false],
  [columns.money(), '-1843.20'],
  [columns.quantity(), '0.000'],
  [columns.date(), '2025-01-31'],
  [columns.timestamp(), '2025-04-30T23:59:59.999Z'],
  [columns.optional(columns.date()), null],
  [columns.bpns(), 'BPNS00000D00015V'],
])('what sources give every day is taken as it is (%#)', (column, value) => expect(column.isPlain(value)).toBe(true))

test('every column of every relation has its check', () => {
  const all = Object.values(RELATIONS).flatMap(relations => relations.flatMap(({ columns }) => Object.values(columns)))
  expect(all.every(({ isPlain }) => typeof isPlain === 'function')).toBe(true)
  expect(all.every(({ isPlain, optional }) => isPlain(null) === optional)).toBe(true)
})
