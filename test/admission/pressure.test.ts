import { describe, expect, test } from '@jest/globals'
import { createPressure, MOST_PRESSURE } from '../../src/admission/pressure.ts'

const TARGET_MS = 15
const LOOK_MS = 20

function watch() {
  const pressure = createPressure(TARGET_MS)
  return {
    ...pressure,
    /** So many looks at a loop that is so late. */
    late(delayMs: number, looks = 1, memory = 0): number {
      for (let look = 0; look < looks; look += 1) pressure.observe({ delayMs, elapsedMs: LOOK_MS + delayMs, memory })
      return pressure.value()
    },
  }
}

describe('what passes is no overload', () => {
  test('one long step, such as a collection of garbage, however long', () => {
    const { late } = watch()
    for (let round = 0; round < 50; round += 1) {
      expect(late(2_000, 2)).toBe(0)
      expect(late(0)).toBe(0)
    }
  })

  test('a loop that is always a little late, but no more than it may be', () => {
    expect(watch().late(TARGET_MS, 1_000)).toBe(0)
  })
})

describe('what stands', () => {
  test('is answered within the third look, and by ever more', () => {
    const { late } = watch()
    let before = late(60, 2)
    expect(before).toBe(0)
    for (let look = 0; look < 10; look += 1) {
      const after = late(60)
      expect(after).toBeGreaterThan(before)
      before = after
    }
  })

  test('comes to an end: from the utmost to nothing within five seconds, without a step', () => {
    const { late } = watch()
    expect(late(500, 100)).toBe(MOST_PRESSURE)
    let before = MOST_PRESSURE
    let seconds = 0
    while (before > 0 && seconds < 10) {
      const after = late(0)
      expect(before - after).toBeLessThanOrEqual(0.05)
      before = after
      seconds += LOOK_MS / 1_000
    }
    expect(seconds).toBeLessThan(5)
  })
})

describe('memory', () => {
  test('within its bound is no pressure; beyond it, executions are refused by how far it is', () => {
    const { late } = watch()
    expect(late(0, 1, 1)).toBe(0)
    expect(late(0, 1, 1.1)).toBeCloseTo(1.5)
    expect(late(0, 1, 9)).toBeCloseTo(1.9)
    expect(late(0, 1, 0.9)).toBe(0)
  })
})

/**
 * A loop that serves in turns: in each, what has come in during the turn before, and nothing more once the turn has lasted
 * too long. A request costs a millisecond to answer and 25 µs to refuse.
 */
describe('a loop under several times what it can do', () => {
  const ANSWER_MS = 1
  const REFUSAL_MS = 0.025
  const [FROM_MS, UNTIL_MS, END_MS] = [1_000, 21_000, 26_000]

  function run(overload: number, connections: number) {
    const pressure = createPressure(TARGET_MS)
    const turnsMs: number[] = []
    let [nowMs, turnMs, waiting, dueMs, sample, answered] = [0, 1, 0, LOOK_MS, 0, 0]
    let recoveredMs: number | null = null
    while (nowMs < END_MS) {
      const isOver = nowMs >= FROM_MS && nowMs < UNTIL_MS
      waiting += (turnMs * (isOver ? overload : 0.5)) / ANSWER_MS
      const batch = Math.min(Math.floor(waiting), connections)
      waiting = Math.min(waiting - batch, connections)
      turnMs = 0.2
      for (let request = 0; request < batch; request += 1) {
        const value = pressure.value()
        sample = (sample + 0.618_033_988_75) % 1
        const isRefused = value > 0 && (nowMs + turnMs - dueMs > TARGET_MS || sample < value - 1)
        turnMs += isRefused ? REFUSAL_MS : ANSWER_MS
        if (!isRefused && nowMs > FROM_MS + 2_000 && isOver) answered += 1
      }
      nowMs += turnMs
      if (isOver && nowMs > FROM_MS + 2_000) turnsMs.push(turnMs)
      if (nowMs < dueMs) continue
      pressure.observe({ delayMs: nowMs - dueMs, elapsedMs: nowMs - dueMs + LOOK_MS, memory: 0 })
      dueMs = nowMs + (pressure.value() > 0 ? 5 : LOOK_MS)
      if (nowMs > UNTIL_MS && pressure.value() === 0) recoveredMs ??= nowMs - UNTIL_MS
    }
    const goodput = (answered * ANSWER_MS) / turnsMs.reduce((sum, ms) => sum + ms, 0)
    return { goodput, longestTurnMs: Math.max(...turnsMs), recoveredMs }
  }

  test.each([
    [1.5, 0.96],
    [2, 0.95],
    [5, 0.88],
  ])(
    'at %d times its peak answers %d of the peak at least, in short turns, and is normal soon after',
    (over, least) => {
      for (const connections of [200, 1_000, 100_000]) {
        const { goodput, longestTurnMs, recoveredMs } = run(over, connections)
        expect(goodput).toBeGreaterThanOrEqual(least)
        expect(longestTurnMs).toBeLessThan(60)
        expect(recoveredMs ?? Infinity).toBeLessThan(5_000)
      }
    },
  )
})
