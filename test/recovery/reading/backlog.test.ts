import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { estimatedClearDate } from '../../../src/recovery/reading/backlog.ts'
import type { BacklogMeasure } from '../../../src/recovery/system-state.ts'

const DAY_MS = 86_400_000
const dayAt = (day: number): string => new Date(Date.UTC(2025, 9, 1) + day * DAY_MS).toISOString()

/** A backlog measured on these days of October, counted from the first. */
function measured(...points: readonly (readonly [day: number, open: number])[]): BacklogMeasure {
  const history = points.map(([day, open]) => ({ measuredAt: dayAt(day), open }))
  const latest = history.at(-1) ?? { measuredAt: dayAt(0), open: 0 }
  return { name: 'Invoices', concerns: null, ...latest, clearedLast24h: 0, oldest: null, history }
}

describe('the day on which a backlog is cleared', () => {
  test('follows from the rate of its measurements', () => {
    expect(estimatedClearDate(measured([0, 1_000], [1, 900], [2, 800]))).toBe('2025-10-11')
  })

  test('is not swayed by one odd measurement', () => {
    expect(estimatedClearDate(measured([0, 1_000], [1, 900], [2, 5_000], [3, 700], [4, 600]))).toBe('2025-10-11')
  })

  test('is a day in UTC', () => {
    expect(estimatedClearDate(measured([0.25, 30], [1.25, 20], [2.25, 5]))).toBe('2025-10-03')
    expect(estimatedClearDate(measured([0.75, 25], [1.75, 15], [2.75, 5]))).toBe('2025-10-04')
  })

  test('is that of the measurement for an empty backlog, however little is known', () => {
    expect(estimatedClearDate(measured([4.5, 0]))).toBe('2025-10-05')
  })

  test.each([
    ['two measurements', measured([0, 1_000], [5, 500])],
    ['three within less than 48 hours', measured([0, 1_000], [1, 900], [1.99, 800])],
    ['a backlog that stays', measured([0, 1_000], [1, 1_000], [2, 1_000])],
    ['a backlog that grows', measured([0, 1_000], [1, 1_100], [2, 1_200])],
    ['a day more than two years ahead', measured([0, 100_000], [1, 99_900], [2, 99_800])],
    [
      'measurements of which all but two are older than 14 days',
      measured([0, 9_000], [1, 8_000], [20, 200], [22, 100]),
    ],
    ['measurements of one time', measured([5, 300], [5, 200], [5, 100])],
  ])('is not said of %s', (_, measure) => {
    expect(estimatedClearDate(measure)).toBeNull()
  })

  test('is exact for a steady rate, never before the measurement, and the same whatever the order of the history', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 3, max: 13 }),
        fc.nat(1_000),
        (rate, days, left) => {
          fc.pre(left / rate < 700)
          const measure = measured(
            ...Array.from({ length: days }, (_, day) => [day, left + (days - 1 - day) * rate] as const),
          )
          const clear = estimatedClearDate(measure)
          expect(clear).toBe(dayAt(days - 1 + left / rate + 1e-9).slice(0, 10))
          expect(estimatedClearDate({ ...measure, history: measure.history.toReversed() })).toBe(clear)
        },
      ),
    )
  })
})
