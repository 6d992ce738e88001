import { afterEach, expect, jest, test } from '@jest/globals'
import { createLoadMonitor } from '../../src/admission/load-monitor.ts'

/** The monitor in an event loop whose turns last as long as a test says; a timer goes off at the end of the turn in which it is due. */
function startLoop() {
  let nowMs = 1_000
  let timer = { dueMs: Infinity, run: () => {} }
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs)
  jest.spyOn(performance, 'eventLoopUtilization').mockImplementation(() => ({ active: nowMs, idle: 0, utilization: 1 }))
  const set = (run: () => void, afterMs: number) => {
    timer = { dueMs: nowMs + afterMs, run }
    return { unref: () => undefined }
  }
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(set as unknown as typeof setTimeout)
  const monitor = createLoadMonitor({ loopDelayMs: 15, memoryBound: Infinity })
  monitor.start()
  return {
    monitor,
    /** Turns of so many milliseconds, one after the other, for so long. */
    turns(turnMs: number, forMs: number): number {
      for (const endMs = nowMs + forMs; nowMs < endMs; ) {
        nowMs += turnMs
        if (timer.dueMs <= nowMs) timer.run()
      }
      return monitor.pressure()
    },
  }
}

afterEach(() => {
  jest.restoreAllMocks()
})

test.each([1, 14, 22, 30])(
  'turns of %i ms, which alone make no pressure, do not keep up what half a second of longer ones has made',
  turnMs => {
    const loop = startLoop()
    expect(loop.turns(turnMs, 3_000)).toBe(0)
    expect(loop.turns(60, 500)).toBeGreaterThan(0.5)
    expect(loop.turns(turnMs, 8_000)).toBe(0)
  },
)

test('turns that are too long make pressure for as long as they last', () => {
  const loop = startLoop()
  const pressures = Array.from({ length: 5 }, () => loop.turns(60, 1_000))
  expect(pressures).toEqual(pressures.toSorted((a, b) => a - b))
  expect(pressures.at(-1)).toBe(1)
})

test('where a turn was too long, and more is begun in the next than it lasted, it says so before that ends', () => {
  const { turns, monitor } = startLoop()
  const begin = (count: number) => {
    for (let one = 0; one < count; one += 1) monitor.room.began()
    return monitor.isOverloaded()
  }
  // Twenty end in each turn of 20 ms: one takes a millisecond.
  for (let turn = 0; turn < 50; turn += 1) {
    for (let one = 0; one < 20; one += 1) monitor.room.ended()
    turns(20, 20)
  }
  expect(begin(200)).toBe(false)
  turns(60, 60)
  expect(begin(60)).toBe(false)
  expect(begin(1)).toBe(true)
  turns(20, 20)
  expect(begin(200)).toBe(false)
})
