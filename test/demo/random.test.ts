import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { businessPartnerNumber, checkCharacters } from '../../demo/generator/business-partner-number.ts'
import { createCalendar } from '../../demo/generator/calendar.ts'
import { allocate, createRandom } from '../../demo/generator/random.ts'

describe('random numbers', () => {
  test('depend on seed, stream and indices, and on nothing else', () => {
    const first = (...of: Parameters<typeof createRandom>) => {
      const random = createRandom(...of)
      return [random.unit(), random.unit(), random.unit()]
    }
    expect(first(1, 'part', 7)).toEqual(first(1, 'part', 7))
    const others = [
      first(2, 'part', 7),
      first(1, 'stock', 7),
      first(1, 'part', 8),
      first(1, 'part', 7, 0),
      first(1, 'part', 0, 7),
    ]
    expect(new Set([first(1, 'part', 7), ...others].map(String)).size).toBe(6)
  })

  test('stay within their bounds and spread over them', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.nat(1_000_000),
        fc.integer({ min: -50, max: 50 }),
        fc.nat(100),
        (seed, index, min, width) => {
          const drawn = createRandom(seed, 'bounds', index).int(min, min + width)
          return Number.isInteger(drawn) && drawn >= min && drawn <= min + width
        },
      ),
    )
    // First draws of neighbouring entities, which is how the generator uses them.
    const tenths = new Array<number>(10).fill(0)
    for (let index = 0; index < 10_000; index++) {
      const tenth = createRandom(1, 'spread', index).int(0, 9)
      tenths[tenth] = (tenths[tenth] ?? 0) + 1
    }
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })

  test('a weighted draw never gives a choice of no weight', () => {
    for (let index = 0; index < 1_000; index++) {
      const drawn = createRandom(1, 'weights', index).weighted([
        ['never', 0],
        ['often', 3],
        ['seldom', 1],
      ])
      expect(drawn).not.toBe('never')
    }
  })

  test('shares are whole, none is negative, and they add up exactly', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (total, weights) => {
          const shares = allocate(total, weights)
          expect(shares.every(share => Number.isInteger(share) && share >= 0)).toBe(true)
          expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total)
        },
      ),
    )
  })
})

describe('business partner numbers', () => {
  test('have the check characters of numbers in public use', () => {
    expect(`BPNL00000003AY${checkCharacters('00000003AY')}`).toBe('BPNL00000003AYRE')
    expect(`BPNL00000003AX${checkCharacters('00000003AX')}`).toBe('BPNL00000003AXS3')
  })

  test('are well formed and differ by serial', () => {
    const numbers = Array.from({ length: 3_000 }, (_, serial) => businessPartnerNumber('L', 'S', serial))
    expect(numbers.every(number => /^BPNL[A-Z0-9]{12}$/.test(number))).toBe(true)
    expect(new Set(numbers).size).toBe(3_000)
  })
})

describe('the calendar', () => {
  const calendar = createCalendar('2025-10-08T05:30:00Z')

  test('counts days from the anchor, which is a Wednesday here', () => {
    expect([calendar.date(0), calendar.date(-37), calendar.date(23)]).toEqual([
      '2025-10-08',
      '2025-09-01',
      '2025-10-31',
    ])
    expect(calendar.weekday(0)).toBe(3)
    expect([calendar.workingDayFrom(3), calendar.workingDayUntil(3), calendar.workingDayFrom(0)]).toEqual([5, 2, 0])
    expect([calendar.thursdayFrom(0), calendar.thursdayFrom(1), calendar.thursdayFrom(2)]).toEqual([1, 1, 8])
  })

  test('the past never lies after the anchor', () => {
    expect(calendar.past(0, 6 * 60)).toBe('2025-10-08T05:30:00.000Z')
    expect(calendar.past(0, 5 * 60)).toBe('2025-10-08T05:00:00.000Z')
    expect(calendar.time(0, 6 * 60)).toBe('2025-10-08T06:00:00.000Z')
  })
})
