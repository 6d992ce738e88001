import { expect, test } from '@jest/globals'
import { createSteadyClock } from '../../src/model/steady-clock.ts'

const HOUR_MS = 3_600_000

/** A machine whose wall clock can be set, and whose monotonic clock only runs. */
function machine() {
  let [wall, monotonic] = [1_000_000_000_000, 5_000]
  const steady = createSteadyClock({ now: () => wall }, () => monotonic)
  return {
    steady,
    pass(milliseconds: number) {
      wall += milliseconds
      monotonic += milliseconds
    },
    set(milliseconds: number) {
      wall += milliseconds
    },
  }
}

test('it is the wall clock while that runs as it should', () => {
  const { steady, pass } = machine()
  pass(1_234)
  expect(steady.now()).toBe(1_000_000_001_234)
})

test('a wall clock that is set back does not take it along, nor make it stand still', () => {
  const { steady, pass, set } = machine()
  set(-48 * HOUR_MS)
  expect(steady.now()).toBe(1_000_000_000_000)
  pass(HOUR_MS)
  expect(steady.now()).toBe(1_000_000_000_000 + HOUR_MS)
})

test('a wall clock that is set forward takes it along, and does not bring it back', () => {
  const { steady, pass, set } = machine()
  set(2 * HOUR_MS)
  expect(steady.now()).toBe(1_000_000_000_000 + 2 * HOUR_MS)
  set(-2 * HOUR_MS)
  pass(1_000)
  expect(steady.now()).toBe(1_000_000_000_000 + 2 * HOUR_MS + 1_000)
})
