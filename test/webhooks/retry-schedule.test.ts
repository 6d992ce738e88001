import { describe, expect, test } from '@jest/globals'
import { pauseBeforeRetry, retryAfterMs } from '../../src/webhooks/retry-schedule.ts'

const MOST = 10

describe('the pause before the next attempt', () => {
  test('is that of the specification, and there is none after the last', () => {
    const pauses = Array.from({ length: MOST }, (_, index) =>
      pauseBeforeRetry({ attempts: index + 1, most: MOST, askedMs: null }, () => 0),
    )
    const seconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    expect(pauses).toEqual([...seconds.map(one => one * 1_000), null])
    expect(pauseBeforeRetry({ attempts: 2, most: 2, askedMs: null }, () => 0)).toBeNull()
  })

  test('grows by up to a fifth by chance', () => {
    expect(pauseBeforeRetry({ attempts: 1, most: MOST, askedMs: null }, () => 1)).toBe(6_000)
    const pauseMs = pauseBeforeRetry({ attempts: 1, most: MOST, askedMs: null }) ?? 0
    expect(pauseMs).toBeGreaterThanOrEqual(5_000)
    expect(pauseMs).toBeLessThanOrEqual(6_000)
  })

  test.each([
    [60_000, 60_000],
    [1_000, 5_000],
    [999_999_999, 86_400_000],
  ])('where the receiver asks for %d ms is %d ms', (askedMs, pauseMs) => {
    expect(pauseBeforeRetry({ attempts: 1, most: MOST, askedMs }, () => 0)).toBe(pauseMs)
  })
})

test.each([
  [undefined, null],
  ['120', 120_000],
  ['Wed, 08 Oct 2025 06:01:00 GMT', 60_000],
  ['Wed, 08 Oct 2025 05:00:00 GMT', 0],
  ['soon', null],
  ['-1', null],
])('Retry-After: %s', (header, ms) => {
  const found = retryAfterMs(header, Date.parse('2025-10-08T06:00:00Z'))
  expect(found).toBe(ms)
})
