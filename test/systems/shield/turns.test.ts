import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { createCallRate } from '../../../src/systems/shield/call-rate.ts'
import { Refusal } from '../../../src/systems/shield/refusal.ts'
import { createTurns } from '../../../src/systems/shield/turns.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

const clock = { now: () => Date.now() }

function turnsOf({ concurrency = 1, callsPerSecond = 1_000_000, mostWaiting = 1_000 } = {}) {
  const reasons: string[] = []
  const turns = createTurns({
    limits: () => ({ concurrency, callsPerSecond }),
    rate: createCallRate(clock),
    mostWaiting,
    refuse(reason) {
      reasons.push(reason)
      return new Refusal({ system: 'PARTS_LOGISTICS', reason, retryAfterSeconds: 1 })
    },
    clock,
  })
  const served: string[] = []
  /** Waits as long as is said, and then calls for as long. */
  const call = async (by: string, { withinMs = 2_000, tookMs = 10 } = {}) => {
    const turn = turns.take(by, clock.now() + withinMs)
    if (turn !== null) await turn
    served.push(by)
    await new Promise(resolve => setTimeout(resolve, tookMs))
    turns.giveBack(tookMs)
  }
  return { turns, reasons, served, call }
}

describe('turns', () => {
  test('are given at once while there is room', () => {
    const { turns } = turnsOf({ concurrency: 2 })
    expect([turns.take('a', clock.now() + 1), turns.take('a', clock.now() + 1)]).toEqual([null, null])
    expect([turns.inFlight(), turns.waiting()]).toEqual([2, 0])
  })

  test('are given to partners in turn: a thousand that wait do not delay the one of another', async () => {
    const { served, call } = turnsOf({ concurrency: 4 })
    const many = Array.from({ length: 1_000 }, () => call('many', { withinMs: 60_000 }))
    await jest.advanceTimersByTimeAsync(5)
    const startedMs = clock.now()
    const one = call('one').then(() => clock.now() - startedMs)
    await jest.advanceTimersByTimeAsync(10_000)
    // It waits for one that is under way, and calls for 10 ms.
    expect(await one).toBeLessThanOrEqual(20)
    await Promise.all(many)
    expect(served).toHaveLength(1_001)
  })

  test('are not taken by who comes later while others wait', async () => {
    const { served, call } = turnsOf({ concurrency: 2, callsPerSecond: 10 })
    const first = call('first')
    const second = call('second')
    // There is a place by now, and its timer has not fired.
    jest.setSystemTime(Date.now() + 150)
    const third = call('third')
    await jest.advanceTimersByTimeAsync(1_000)
    await Promise.all([first, second, third])
    expect(served).toEqual(['first', 'second', 'third'])
  })

  test('never exceed what is granted, in flight and a second', async () => {
    const { turns, call } = turnsOf({ concurrency: 5, callsPerSecond: 50 })
    const begun: number[] = []
    const calls = Array.from({ length: 100 }, async (_, n) => {
      await call(`${n % 7}`, { withinMs: 5_000, tookMs: 30 })
      begun.push(clock.now() - 30)
      expect(turns.inFlight()).toBeLessThanOrEqual(5)
    })
    await jest.advanceTimersByTimeAsync(5_000)
    await Promise.all(calls)
    for (const from of begun)
      expect(begun.filter(at => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(50 * 1.05)
    // The whole crowd was served at that rate.
    expect(Math.max(...begun) - Math.min(...begun)).toBeLessThan(2_100)
  })

  test('that would come too late are refused at once', async () => {
    const { reasons, call } = turnsOf()
    await jest.advanceTimersByTimeAsync(0)
    const first = call('a', { tookMs: 100 })
    await jest.advanceTimersByTimeAsync(100)
    await first
    const waiting = Array.from({ length: 20 }, () => call('a', { withinMs: 10_000, tookMs: 100 }))
    await expect(call('a', { withinMs: 50 })).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' })
    expect(reasons).toEqual(['no_time'])
    await jest.advanceTimersByTimeAsync(3_000)
    await Promise.all(waiting)
  })

  test('that have not come in time are given up on time, and wasted on nobody', async () => {
    const { turns, reasons, served, call } = turnsOf()
    const first = call('a', { tookMs: 1_000 })
    const late = expect(call('b', { withinMs: 200 })).rejects.toBeInstanceOf(Refusal)
    await jest.advanceTimersByTimeAsync(200)
    await late
    expect(reasons).toEqual(['waited_out'])
    expect(turns.waiting()).toBe(0)
    await jest.advanceTimersByTimeAsync(1_000)
    await first
    expect(served).toEqual(['a'])
    expect(turns.inFlight()).toBe(0)
  })

  test('are waited for by no more than is said; who has the most waiting makes room', async () => {
    const { turns, reasons, served, call } = turnsOf({ mostWaiting: 3 })
    const first = call('a')
    const many = Promise.allSettled(Array.from({ length: 5 }, () => call('many')))
    const one = call('one')
    expect(turns.waiting()).toBe(3)
    await jest.advanceTimersByTimeAsync(1_000)
    await Promise.all([first, one])
    expect((await many).filter(({ status }) => status === 'rejected')).toHaveLength(3)
    expect(reasons).toEqual(['queue_full', 'queue_full', 'queue_full'])
    expect(served).toEqual(['a', 'many', 'one', 'many'])
  })

  test('leave no timer behind when all who waited were sent away', async () => {
    const { turns, call } = turnsOf()
    const first = turns.take('a', clock.now() + 1_000)
    const others = Promise.allSettled(['a', 'b', 'b'].map(by => call(by)))
    turns.refuseAll()
    expect((await others).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    turns.giveBack(null)
    expect([first, turns.inFlight(), turns.waiting(), jest.getTimerCount()]).toEqual([null, 0, 0, 0])
  })
})
