import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Column } from '../../src/systems/columns.ts'
import * as columns from '../../src/systems/columns.ts'

const REFUSED = Symbol('refused')
const read = (column: Column, value: unknown): unknown => {
  const result = column.schema.safeParse(value)
  return result.success ? result.data : REFUSED
}

interface Expectation {
  readonly column: Column
  readonly sqlType: string
  /** What comes in and what it is inside. */
  readonly accepts: readonly (readonly [given: unknown, inside: unknown])[]
  readonly refuses: readonly unknown[]
}

const same = (...values: readonly unknown[]) => values.map(value => [value, value] as const)

const TABLE: Readonly<Record<string, Expectation>> = {
  'text(5)': {
    column: columns.text(5),
    sqlType: 'varchar(5)',
    accepts: same('a', 'abcde', ' é '),
    refuses: ['', 'abcdef', 5, null, undefined, ['a'], {}],
  },
  'char(3)': {
    column: columns.char(3),
    sqlType: 'char(3)',
    accepts: same('DAP', '  x'),
    refuses: ['DA', 'DAPX', '', 123, null],
  },
  oneOf: {
    column: columns.oneOf(['STOCK', 'DAILY']),
    sqlType: 'varchar(40)',
    accepts: same('STOCK', 'DAILY'),
    refuses: ['stock', 'WEEKLY', '', null, 0],
  },
  someOf: {
    column: columns.someOf(['STOCK', 'DAILY']),
    sqlType: 'text[]',
    accepts: same([], ['DAILY', 'STOCK']),
    refuses: ['STOCK', ['WEEKLY'], [null], null],
  },
  texts: {
    column: columns.texts(),
    sqlType: 'text[]',
    accepts: same([], ['a', 'b']),
    refuses: ['a', [''], [1], null],
  },
  integer: {
    column: columns.integer(),
    sqlType: 'integer',
    accepts: same(0, -5, 2_147_483_647, -2_147_483_648),
    refuses: [1.5, '1', 2_147_483_648, -2_147_483_649, Number.NaN, Number.POSITIVE_INFINITY, 1n, true, null],
  },
  boolean: {
    column: columns.boolean(),
    sqlType: 'boolean',
    accepts: same(true, false),
    refuses: ['t', 'true', 0, 1, null],
  },
  money: {
    column: columns.money(),
    sqlType: 'numeric(18,2)',
    accepts: [
      ['0', '0.00'],
      ['12.5', '12.50'],
      ['012.50', '12.50'],
      ['-0.00', '0.00'],
      ['1.5000', '1.50'],
      ['9999999999999999.99', '9999999999999999.99'],
    ],
    refuses: [
      12.5,
      12,
      '12.505',
      '10000000000000000',
      '1e3',
      '+1',
      '1.',
      '.5',
      '',
      ' 1',
      '1,5',
      '1\n',
      null,
      `1.${'0'.repeat(200)}`,
    ],
  },
  quantity: {
    column: columns.quantity(),
    sqlType: 'numeric(15,3)',
    accepts: [
      ['1', '1.000'],
      ['-2.125', '-2.125'],
    ],
    refuses: ['1.0001', '1000000000000', 1],
  },
  date: {
    column: columns.date(),
    sqlType: 'date',
    accepts: same('2025-10-07', '2024-02-29'),
    refuses: ['2025-02-29', '2025-13-01', '2025-10-7', '20251007', '2025-10-07T00:00:00Z', new Date(), null],
  },
  timestamp: {
    column: columns.timestamp(),
    sqlType: 'timestamptz(3)',
    accepts: [
      ['2025-10-07T08:00:00Z', '2025-10-07T08:00:00.000Z'],
      ['2025-10-07T08:00:00.123456+01:00', '2025-10-07T07:00:00.123Z'],
      ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ],
    refuses: [
      '2025-10-07T08:00:00',
      '2025-10-07 08:00:00Z',
      '2025-02-29T08:00:00Z',
      '2025-10-07T08:00:00+99:99',
      '2025-10-07T24:00:00Z',
      '9999-12-31T23:59:59-01:00',
      '0001-01-01T00:00:00+01:00',
      '0000-06-01T00:00:00Z',
      1_759_824_000_000,
      new Date(),
      null,
    ],
  },
  bpnl: {
    column: columns.bpnl(),
    sqlType: 'varchar(16)',
    accepts: same('BPNL00000000RT01'),
    refuses: [
      'BPNS00000000RT01',
      'BPNL00000000RT0',
      'BPNL00000000RT01\n',
      ' BPNL0000000RT01',
      'bpnl00000000rt01',
      null,
    ],
  },
  bpns: {
    column: columns.bpns(),
    sqlType: 'varchar(16)',
    accepts: same('BPNS00000000ST01'),
    refuses: ['BPNL00000000RT01', ''],
  },
  vin: {
    column: columns.vin(),
    sqlType: 'varchar(17)',
    accepts: same('SALVA2AE4EH877322'),
    refuses: ['SALVA2AE4EH87732', 'SALVA2AE4EH87732I', 'SALVA2AE4EHO77322', 'salva2ae4eh877322'],
  },
  partNumber: {
    column: columns.partNumber(),
    sqlType: 'varchar(40)',
    accepts: same('LR001234', 'A 1/2-3.4'),
    refuses: ['', ' LR1', 'LR1 ', 'lr1', 'LR\n1', 'A'.repeat(41), 1],
  },
  currency: { column: columns.currency(), sqlType: 'varchar(3)', accepts: same('GBP'), refuses: ['gbp', 'GB', 'GBPX'] },
  unit: { column: columns.unit(), sqlType: 'varchar(3)', accepts: same('H87', 'EA'), refuses: ['ea', 'E', 'PIECE'] },
}

describe.each(Object.entries(TABLE))('a column of %s', (_name, { column, sqlType, accepts, refuses }) => {
  test('is stored as its type', () => expect(column.sqlType).toBe(sqlType))

  test.each(accepts)('holds %j as %j', (given, inside) => expect(read(column, given)).toEqual(inside))

  test('refuses everything else, also where it may be unknown', () => {
    for (const value of refuses) {
      expect([value, read(column, value)]).toEqual([value, REFUSED])
      if (value != null) expect([value, read(columns.optional(column), value)]).toEqual([value, REFUSED])
    }
  })

  test('is null inside where it may be unknown and is', () => {
    expect(columns.optional(column)).toMatchObject({ optional: true, kind: column.kind, sqlType })
    expect(read(columns.optional(column), null)).toBeNull()
    expect(read(columns.optional(column), undefined)).toBeNull()
  })

  test('holds what went in once, twice', () => {
    for (const [, inside] of accepts) expect(read(column, inside)).toEqual(inside)
  })
})

describe('a decimal', () => {
  test('has one form for one value, however it was written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), fc.nat(5), fc.nat(5), (units, zeros, padding) => {
        const digits = (units < 0n ? -units : units).toString().padStart(4, '0')
        const sign = units < 0n ? '-' : ''
        const canonical = `${sign}${digits.slice(0, -3)}.${digits.slice(-3)}`
        const written = `${sign}${'0'.repeat(zeros)}${digits.slice(0, -3)}.${digits.slice(-3)}${'0'.repeat(padding)}`
        expect(read(columns.quantity(), written)).toBe(canonical)
      }),
    )
  })

  test('is not searched for long where a source sends a megabyte of noughts', () => {
    const started = performance.now()
    expect(read(columns.money(), `1.${'0'.repeat(1_000_000)}1`)).toBe(REFUSED)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

test('an instant has one form, whatever its offset', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
      fc.integer({ min: -720, max: 840 }),
      (instant, minutes) => {
        const local = new Date(instant.getTime() + minutes * 60_000).toISOString().slice(0, -1)
        const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map(n =>
          String(n).padStart(2, '0'),
        )
        expect(read(columns.timestamp(), `${local}${minutes < 0 ? '-' : '+'}${hours}:${rest}`)).toBe(
          instant.toISOString(),
        )
      },
    ),
  )
})
