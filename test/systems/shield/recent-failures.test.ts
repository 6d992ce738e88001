import { describe, expect, test } from '@jest/globals'
import { GatewayError } from '../../../src/model/errors.ts'
import { createRecentFailures } from '../../../src/systems/shield/recent-failures.ts'
import { movedClock } from './clock.ts'

const DOWN = new GatewayError('SYSTEM_UNAVAILABLE', 'down', { cause: new Error('why'), details: { system: 'A' } })
const INVALID = new GatewayError('SYSTEM_DATA_INVALID', 'bad')

function failuresOf(random: () => number = () => 0, most = 10) {
  const clock = movedClock()
  return { clock, failures: createRecentFailures({ clock, random, most }) }
}

describe('failures', () => {
  test('are remembered for one to two seconds, as chance has it', () => {
    for (const [chance, ms] of [
      [0, 1_000],
      [0.5, 1_500],
      [0.999, 1_999],
    ] as const) {
      const { clock, failures } = failuresOf(() => chance)
      failures.remember('read', DOWN)
      clock.pass(ms - 1)
      expect(failures.find('read')).toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
      expect(failures.isEmpty()).toBe(false)
      clock.pass(1)
      expect(failures.find('read')).toBeNull()
      expect(failures.isEmpty()).toBe(true)
    }
  })

  test('of one read say nothing of another', () => {
    const { failures } = failuresOf()
    failures.remember('read', DOWN)
    expect(failures.find('other')).toBeNull()
  })

  test('are told with a wait that is not everybody’s, where waiting helps', () => {
    let chance = 0
    const { failures } = failuresOf(() => chance)
    failures.remember('read', DOWN)
    failures.remember('bad', INVALID)
    const waits = [0, 0.4, 0.8].map(next => {
      chance = next
      return failures.find('read')?.details
    })
    expect(waits).toEqual([1, 2, 3].map(retryAfterSeconds => ({ system: 'A', retryAfterSeconds })))
    expect(failures.find('read')?.cause).toBe(DOWN.cause)
    expect(failures.find('bad')).toBe(INVALID)
  })

  test('take no more room than is said: the oldest go', () => {
    const { failures } = failuresOf(() => 0, 2)
    for (const name of ['a', 'b', 'a', 'c']) failures.remember(name, DOWN)
    expect(['a', 'b', 'c'].map(name => failures.find(name) !== null)).toEqual([true, false, true])
  })
})
