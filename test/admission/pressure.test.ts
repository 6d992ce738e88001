import { describe, expect, test } from '@jest/globals'
import { createPressure, MOST_BY_DELAY } from '../../src/admission/pressure.ts'

const TARGET_MS = 15
const LOOK_MS = 20

function watch() {
  const pressure = createPressure(TARGET_MS)
  return {
    ...pressure,
    /** So many looks at a loop that is so late. */
    late(delayMs: number, looks = 1, { memory = 0, isRefusing = false } = {}): number {
      for (let look = 0; look < looks; look += 1)
        pressure.observe({ delayMs, elapsedMs: LOOK_MS + delayMs, memory, isRefusing })
      return pressure.value()
    },
  }
}

describe('what passes is no overload', () => {
  test('one long step, such as a collection of garbage, however long, and the turns in which it is made up for', () => {
    const { late } = watch()
    for (let round = 0; round < 50; round += 1) for (const delayMs of [2_000, 900, 0]) expect(late(delayMs)).toBe(0)
  })

  test('a few turns that are late, the second by more, as while the memory is looked through', () => {
    const { late } = watch()
    for (let round = 0; round < 50; round += 1)
      for (const delayMs of [21, 38, 5, 0, 0, 0, 0, 0]) expect(late(delayMs)).toBe(0)
  })

  test('a loop that is always a little late, but no more than it may be', () => {
    expect(watch().late(TARGET_MS, 1_000)).toBe(0)
  })
})

describe('what stands', () => {
  test('is answered at the third look, and where it grows at the second, and by ever more', () => {
    const shrinking = watch().late
    expect([100, 80, 60].map(delayMs => shrinking(delayMs))).toEqual([0, 0, expect.any(Number)])
    expect(shrinking(60)).toBeGreaterThan(0)
    const { late } = watch()
    let before = late(60)
    expect(before).toBe(0)
    for (let look = 0; look < 4; look += 1) {
      const after = late(60)
      expect(after).toBeGreaterThan(before)
      before = after
    }
  })

  test('is an overload for as long as something is refused for want of room, be the loop ever so punctual', () => {
    const { late } = watch()
    late(60, 20)
    expect(late(0, 1_000, { isRefusing: true })).toBeCloseTo(0.05)
    expect(late(0, 100)).toBe(0)
    expect(late(0, 100, { isRefusing: true })).toBe(0)
  })

  test('comes to an end: from the utmost to nothing within two seconds, without a step', () => {
    const { late } = watch()
    expect(late(500, 100)).toBe(MOST_BY_DELAY)
    let before = MOST_BY_DELAY
    let seconds = 0
    while (before > 0 && seconds < 5) {
      const after = late(0)
      expect(before - after).toBeLessThanOrEqual(0.05)
      before = after
      seconds += LOOK_MS / 1_000
    }
    expect(seconds).toBeLessThan(2)
  })
})

describe('memory', () => {
  test('within its bound is no pressure; beyond it, executions are refused by how far it is', () => {
    const { late } = watch()
    expect(late(0, 1, { memory: 1 })).toBe(0)
    expect(late(0, 1, { memory: 1.1 })).toBeCloseTo(1.5)
    expect(late(0, 1, { memory: 9 })).toBeCloseTo(1.9)
    expect(late(0, 1, { memory: 0.9 })).toBe(0)
  })
})
