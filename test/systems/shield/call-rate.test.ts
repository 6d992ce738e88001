import { describe, expect, test } from '@jest/globals'
import { createCallRate } from '../../../src/systems/shield/call-rate.ts'
import { movedClock } from './clock.ts'

describe('the rate of calls', () => {
  test.each([20, 100, 999, 2_000])(
    'is never above %d by more than a twentieth in any second, under whatever crowd',
    perSecond => {
      const clock = movedClock()
      const rate = createCallRate(clock)
      const taken: number[] = []
      for (let ms = 0; ms < 10_000; ms++) {
        clock.pass(1)
        // Silent at times, so that the burst fills.
        if (ms % 3_000 < 200) continue
        while (rate.take(perSecond) === 0) taken.push(clock.now())
      }
      let first = 0
      let most = 0
      for (const [at, atMs] of taken.entries()) {
        while ((taken[first] ?? 0) <= atMs - 1_000) first += 1
        most = Math.max(most, at - first + 1)
      }
      expect(most).toBeLessThanOrEqual(perSecond * 1.05)
      expect(most).toBeGreaterThanOrEqual(perSecond * 0.95)
    },
  )

  test('says when there is a place, and there is one then', () => {
    const clock = movedClock()
    const rate = createCallRate(clock)
    expect(rate.take(10)).toBe(0)
    expect(rate.take(10)).toBe(100)
    clock.pass(60)
    expect(rate.take(10)).toBeCloseTo(40)
    clock.pass(40)
    expect(rate.take(10)).toBe(0)
  })

  test('is not caught up with after a silence', () => {
    const clock = movedClock()
    const rate = createCallRate(clock)
    clock.pass(60_000)
    let atOnce = 0
    while (rate.take(100) === 0) atOnce += 1
    expect(atOnce).toBe(4)
  })
})
