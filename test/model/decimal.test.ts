import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isPositive, isWithin, isZero, sumOf } from '../../src/model/decimal.ts'

/** A decimal as text with its value in units of 10^-6. */
const decimals = fc
  .record({ units: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), scale: fc.nat(6) })
  .map(({ units, scale }) => {
    const kept = (units / 10n ** BigInt(6 - scale)) * 10n ** BigInt(6 - scale)
    const digits = (kept < 0n ? -kept : kept).toString().padStart(7, '0')
    const text = `${kept < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`
    return { text: scale === 0 ? text.slice(0, -7) : text.slice(0, text.length - 6 + scale), units: kept }
  })

function unitsOf(text: string): bigint {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  const units = BigInt(whole + fraction.padEnd(6, '0'))
  return sign === '-' ? -units : units
}

describe('decimal arithmetic', () => {
  test('is exact for sums of any size and any mix of scales', () => {
    fc.assert(
      fc.property(fc.array(decimals, { maxLength: 8 }), terms => {
        const sum = sumOf(terms.map(term => term.text))
        expect(unitsOf(sum)).toBe(terms.reduce((total, term) => total + term.units, 0n))
      }),
      { numRuns: 1_000 },
    )
  })

  test('knows what is nothing', () => {
    fc.assert(fc.property(decimals, ({ text, units }) => expect(isZero(text)).toBe(units === 0n)))
  })

  test('knows what is more than nothing', () => {
    fc.assert(fc.property(decimals, ({ text, units }) => expect(isPositive(text)).toBe(units > 0n)))
  })

  test.each([
    [[], '0'],
    [['0.1', '0.2'], '0.3'],
    [['1.10', '2'], '3.10'],
    [['-0.05', '0.05'], '0.00'],
    [['99999999999999999.99', '0.01'], '100000000000000000.00'],
    [['-0.5'], '-0.5'],
  ])('adds %j to %s, with the digits of the longest', (values, sum) => expect(sumOf(values)).toBe(sum))

  test('adds as many values as there are', () =>
    expect(sumOf(Array.from({ length: 300_000 }, () => '0.01'))).toBe('3000.00'))

  test('never says minus nothing', () => expect(sumOf(['-0.00'])).toBe('0.00'))

  test('tells exactly whether a value is within its tolerance', () => {
    expect(isWithin('1843221900.14', '1843221900.140', 0)).toBe(true)
    expect(isWithin('1843221900.15', '1843221900.14', 0)).toBe(false)
    expect(['-101', '-101.01', '-99', '-98.99'].map(value => isWithin(value, '-100', 0.01))).toEqual([
      true,
      false,
      true,
      false,
    ])
    expect([isWithin('0', '0', 0.5), isWithin('0.01', '0', 0.5)]).toEqual([true, false])
  })

  test.each(['NaN', 'Infinity', '-Infinity', '1e3', '', ' 1', '1.', '.5', '+1', '0x1', '1_0', '1'.repeat(1_000_000)])(
    'takes what is no plain decimal as within nothing: %.12s',
    text => {
      expect(isWithin(text, '1', 0.5)).toBe(false)
      expect(isWithin('1', text, 0.5)).toBe(false)
    },
  )

  test('never throws, whatever it compares', () => {
    const text = fc.oneof(fc.string(), fc.double().map(String), fc.bigInt().map(String))
    fc.assert(
      fc.property(text, text, fc.double(), (one, other, part) => typeof isWithin(one, other, part) === 'boolean'),
    )
    expect([Number.NaN, -1, Number.POSITIVE_INFINITY, 1e308].map(part => isWithin('1', '1', part))).not.toContain(true)
  })
})
