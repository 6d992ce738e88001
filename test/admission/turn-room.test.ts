import { describe, expect, test } from '@jest/globals'
import { createPressure } from '../../src/admission/pressure.ts'
import { createTurnRoom } from '../../src/admission/turn-room.ts'

const TURN_MS = 7.5

function turns() {
  const room = createTurnRoom(TURN_MS)
  const taken = (most = 1_000) => {
    let count = 0
    while (count < most && room.take()) count += 1
    return count
  }
  return {
    room,
    taken,
    /** Turns in which as many as there is room for are executed, and so many others pass; how many were, in the last. */
    pass(count: number, { eachMs = 1, others = 0, idleMs = 0 }): number {
      let done = 0
      for (let turn = 0; turn < count; turn += 1) {
        done = taken(50)
        for (let one = 0; one < done; one += 1) room.ended()
        for (let other = 0; other < others; other += 1) room.passed()
        room.next(done * eachMs + others * 0.05, idleMs)
      }
      return done
    },
  }
}

describe('the room of a turn', () => {
  test('is without bounds until something is known', () => {
    const { room, taken } = turns()
    room.next(100, 0)
    expect(taken()).toBe(1_000)
  })

  test.each([0.5, 2, 5])('is as many executions of %d ms as its time is enough for', eachMs => {
    const { pass } = turns()
    pass(200, { eachMs })
    const begun = Array.from({ length: 100 }, () => pass(1, { eachMs }))
    expect(begun.reduce((sum, count) => sum + count, 0) / 100).toBeCloseTo(TURN_MS / eachMs, 1)
    expect(Math.max(...begun)).toBeLessThanOrEqual(Math.ceil(TURN_MS / eachMs) + 1)
  })

  test('one that takes longer than a turn has its turn all the same', () => {
    const { pass } = turns()
    pass(200, { eachMs: 30 })
    const begun = Array.from({ length: 100 }, () => pass(1, { eachMs: 30 }))
    expect(begun.reduce((sum, count) => sum + count, 0)).toBe((TURN_MS / 30) * 100)
  })

  test('follows when executions come to take longer', () => {
    const { pass } = turns()
    pass(100, { eachMs: 0.5 })
    expect(pass(100, { eachMs: 5 })).toBeLessThanOrEqual(2)
  })

  test('is not taken by a crowd that is refused', () => {
    const { pass } = turns()
    pass(200, { eachMs: 1 })
    expect(pass(200, { eachMs: 1, others: 400 })).toBeGreaterThanOrEqual(7)
  })

  test('what was let in without room is owed, and no more than a turn of it', () => {
    const { room, taken, pass } = turns()
    pass(200, { eachMs: 1 })
    taken()
    for (let one = 0; one < 100; one += 1) room.owe()
    const begun = Array.from({ length: 4 }, () => pass(1, { eachMs: 1 }))
    expect(begun[0]).toBe(0)
    expect(begun.at(-1)).toBeGreaterThanOrEqual(7)
  })

  test('time in which the loop had nothing to do is room as well', () => {
    const { room, taken, pass } = turns()
    pass(200, { eachMs: 1 })
    taken()
    for (let one = 0; one < 8; one += 1) room.owe()
    room.next(0, 8)
    expect(taken()).toBeGreaterThanOrEqual(7)
  })

  test('says what has begun will take', () => {
    const { room, pass } = turns()
    pass(200, { eachMs: 2 })
    for (let one = 0; one < 10; one += 1) room.began()
    expect(room.begunMs()).toBeCloseTo(20)
    room.next(0, 0)
    expect(room.begunMs()).toBe(0)
  })
})

/**
 * A loop that serves in turns: in each, what has come in during the turn before; what is begun is executed at its end. A
 * request costs a millisecond to answer and 25 µs to refuse.
 */
describe('a loop under several times what it can do', () => {
  const ANSWER_MS = 1
  const REFUSAL_MS = 0.025
  const [TARGET_MS, LOOK_MS, NEAR_MS] = [15, 20, 5]
  const [FROM_MS, UNTIL_MS, END_MS] = [1_000, 21_000, 26_000]

  function run(overload: number, connections: number) {
    const pressure = createPressure(TARGET_MS)
    const room = createTurnRoom(TURN_MS)
    const turnsMs: number[] = []
    let [nowMs, turnMs, waiting, lookedMs, active, idle, answered, noRoomMs] = [0, 1, 0, 0, 0, 0, 0, -Infinity]
    let recoveredMs: number | null = null
    while (nowMs < END_MS) {
      const isOver = nowMs >= FROM_MS && nowMs < UNTIL_MS
      waiting += (turnMs * (isOver ? overload : 0.5)) / ANSWER_MS
      const batch = Math.min(Math.floor(waiting), connections)
      waiting = Math.min(waiting - batch, connections)
      let busyMs = 0
      for (let request = 0; request < batch; request += 1) {
        const isRefused = pressure.value() > 0 && !room.take()
        if (isRefused) {
          room.passed()
          noRoomMs = nowMs
        } else {
          room.began()
          room.ended()
        }
        busyMs += isRefused ? REFUSAL_MS : ANSWER_MS
        if (!isRefused && nowMs > FROM_MS + 2_000 && isOver) answered += 1
      }
      turnMs = Math.max(busyMs, 0.2)
      nowMs += turnMs
      active += busyMs
      idle += turnMs - busyMs
      if (isOver && nowMs > FROM_MS + 2_000) turnsMs.push(turnMs)
      const elapsedMs = nowMs - lookedMs
      if (elapsedMs < (pressure.value() > 0 ? NEAR_MS : LOOK_MS)) continue
      const delayMs = Math.max(0, elapsedMs - LOOK_MS)
      pressure.observe({ delayMs, elapsedMs, memory: 0, isRefusing: nowMs - noRoomMs <= 500 })
      room.next(active, idle)
      ;[active, idle, lookedMs] = [0, 0, nowMs]
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
        expect(longestTurnMs).toBeLessThan(25)
        expect(recoveredMs ?? Infinity).toBeLessThan(3_000)
      }
    },
  )
})
