import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { GatewayError } from '../../../src/model/errors.ts'
import { createCounters } from '../../../src/observe/counters.ts'
import type { Asker } from '../../../src/systems/asker.ts'
import { DeadlineError } from '../../../src/systems/deadline.ts'
import { Refusal } from '../../../src/systems/shield/refusal.ts'
import type { ShieldOptions } from '../../../src/systems/shield/shield.ts'
import { hangs } from '../scripted-connector.ts'
import { PRESETS, shieldOf } from './shields.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

const ASKER: Asker = { by: 'BPNL0000000ALPHA', waitedMs: 0, confirm: () => {} }
const down = () => Promise.reject(new Error('503'))
const invalid = () => Promise.reject(new GatewayError('SYSTEM_DATA_INVALID', 'bad rows'))
const answersIn = (ms: number) => new Promise<string>(resolve => setTimeout(resolve, ms, 'rows'))

/** A shield in front of a system that does as is said, and counts. */
function shielded(options: Partial<ShieldOptions> = {}) {
  const counters = createCounters()
  const shield = shieldOf({ counters, ...options })
  const calls: { readonly atMs: number; readonly signal: AbortSignal }[] = []
  return {
    shield,
    calls,
    run: <T>(call: () => Promise<T>, asker = ASKER) =>
      shield.run(asker, signal => {
        calls.push({ atMs: Date.now(), signal })
        return call()
      }),
    counted: (name: string) =>
      counters
        .snapshot()
        .filter(sample => sample.name === name)
        .map(({ labels, value }) => [labels.reason ?? labels.to ?? '', value]),
  }
}
type Run = ReturnType<typeof shielded>['run']

/** Each in its own time, as many as are said. */
async function outcomesOf(run: Run, call: () => Promise<unknown>, times: number): Promise<readonly unknown[]> {
  const outcomes: unknown[] = []
  for (let n = 0; n < times; n++) {
    outcomes.push(await run(call).catch((thrown: unknown) => thrown))
    await jest.advanceTimersByTimeAsync(1)
  }
  return outcomes
}

describe('the deadline', () => {
  test('holds for waiting, calls and second attempts together, and reaches the source', async () => {
    const { run, calls } = shielded()
    const startedMs = Date.now()
    const settledMs: number[] = []
    const all = Array.from({ length: 30 }, () => run(hangs).catch(() => settledMs.push(Date.now() - startedMs)))
    await jest.advanceTimersByTimeAsync(2_000)
    await Promise.all(all)
    expect(settledMs).toHaveLength(30)
    expect(Math.max(...settledMs)).toBeLessThanOrEqual(2_000)
    expect(calls).toHaveLength(10)
    expect(calls.every(({ signal }) => signal.reason instanceof DeadlineError)).toBe(true)
    // The source goes on with all of them: their places are free again after one more.
    await jest.advanceTimersByTimeAsync(2_000)
    expect(jest.getTimerCount()).toBe(0)
  })

  test('is shorter by what the asker has waited already, and nobody is called for who has waited it out', async () => {
    const { run, calls } = shielded()
    const read = run(hangs, { ...ASKER, waitedMs: 1_500 }).catch((thrown: unknown) => thrown)
    await jest.advanceTimersByTimeAsync(500)
    expect(await read).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    await expect(run(() => answersIn(1), { ...ASKER, waitedMs: 2_000 })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      details: { system: 'WHOLESALE_FINANCE', retryAfterSeconds: expect.any(Number) },
    })
    expect(calls).toHaveLength(1)
  })

  test('that waiting had used up does not count against the system', async () => {
    const { run, shield } = shielded()
    for (let n = 0; n < 50; n++) {
      const read = run(hangs, { ...ASKER, waitedMs: 1_500 }).catch((thrown: unknown) => thrown)
      await jest.advanceTimersByTimeAsync(500)
      expect(await read).toBeInstanceOf(Refusal)
    }
    expect(shield.state().isBreakerOpen).toBe(false)
  })
})

describe('a call that was given up', () => {
  let startedMs = 0
  beforeEach(() => {
    startedMs = Date.now()
  })

  test('before it could have been slow does not make a system that is slow look quick', async () => {
    const ramp = { concurrency: { start: 2, cap: 10 }, callsPerSecond: { start: 20, cap: 200 }, rampSeconds: 60 }
    const { run, shield } = shielded({
      settings: { ...PRESETS, ...ramp, slowMs: 1_000 },
      openedMs: () => 0,
      clock: { now: () => Date.now() - startedMs },
    })
    // Each takes 750 ms, which holds the ramp; but most who ask have only 100 left.
    const read = (waitedMs: number) => run(() => answersIn(750), { ...ASKER, waitedMs }).catch(() => {})
    for (let tenth = 0; tenth < 100; tenth += 1) {
      void read(tenth % 10 === 0 ? 0 : 1_900)
      await jest.advanceTimersByTimeAsync(100)
    }
    const held = shield.state().callsPerSecondLimit
    await jest.advanceTimersByTimeAsync(1)
    for (let tenth = 0; tenth < 100; tenth += 1) {
      void read(tenth % 10 === 0 ? 0 : 1_900)
      await jest.advanceTimersByTimeAsync(100)
    }
    expect(shield.state().callsPerSecondLimit).toBe(held)
    expect(held).toBeLessThan(30)
  })

  test('keeps its place while the source goes on with it, for one more deadline at most', async () => {
    const { run, calls } = shielded()
    let last: Promise<unknown> = Promise.resolve()
    const heedless = Array.from({ length: 10 }, (_, n) =>
      run(() => (n < 5 ? answersIn(2_500) : new Promise<never>(() => {}))),
    )
    const given = Promise.all(heedless.map(one => one.catch((thrown: unknown) => thrown)))
    await jest.advanceTimersByTimeAsync(2_000)
    for (const one of await given) expect(one).toBeInstanceOf(DeadlineError)
    expect(calls).toHaveLength(10)
    const placesAfter = async (ms: number) => {
      await jest.advanceTimersByTimeAsync(ms)
      last = run(() => answersIn(1)).catch((thrown: unknown) => thrown)
      await jest.advanceTimersByTimeAsync(2)
      return calls.length - 10
    }
    expect(await placesAfter(100)).toBe(0)
    expect(await placesAfter(500)).toBeGreaterThan(0)
    await last
  })
})

describe('who waits for a turn', () => {
  test('is asked for once it comes only if it may still read, and keeps nobody behind it from theirs', async () => {
    const { run, calls, counted } = shielded()
    let isClosed = false
    const confirm = () => {
      if (isClosed) throw new GatewayError('SYSTEM_NOT_OPEN', 'closed')
    }
    const before = Array.from({ length: 10 }, () => run(() => answersIn(100)))
    const waiting = Array.from({ length: 30 }, () => run(() => answersIn(100), { ...ASKER, confirm }))
    const open = run(() => answersIn(100))
    isClosed = true
    const refused = Promise.all(waiting.map(one => one.catch((thrown: unknown) => thrown)))
    await jest.advanceTimersByTimeAsync(300)
    await Promise.all(before)
    expect(await open).toBe('rows')
    for (const one of await refused) expect(one).toBeInstanceOf(Refusal)
    expect(calls).toHaveLength(11)
    expect(counted('shield_refusals')).toEqual([['withdrawn', 30]])
  })
})

describe('who has waited for a turn until its deadline', () => {
  test('is told that there was no answer in time, and not that the system cannot answer', async () => {
    const { run, calls, counted } = shielded({ settings: { ...PRESETS, concurrency: { start: 1, cap: 1 } } })
    run(hangs).catch(() => {})
    const second = run(hangs).catch((thrown: unknown) => thrown)
    await jest.advanceTimersByTimeAsync(2_000)
    expect(await second).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    expect(calls).toHaveLength(1)
    expect(counted('shield_refusals')).toEqual([['waited_out', 1]])
  })
})

describe('a call that is for several partners', () => {
  test('has the turn of whoever of them comes first', async () => {
    const settings = { ...PRESETS, concurrency: { start: 1, cap: 1 } }
    const { run } = shielded({ settings })
    const served: string[] = []
    const call = (name: string) => async () => {
      served.push(name)
      return answersIn(10)
    }
    const many = Array.from({ length: 20 }, (_, n) => run(call(`many ${n}`)))
    const gathered = run(call('gathered'), { ...ASKER, also: [ASKER.by, 'BPNL00000000BETA'] })
    await jest.advanceTimersByTimeAsync(1_000)
    await Promise.all([...many, gathered])
    expect(served.slice(0, 3)).toEqual(['many 0', 'many 1', 'gathered'])
  })
})

describe('the breaker', () => {
  test.each([
    ['fail, as with a 5xx', down],
    ['give bad data', invalid],
  ])('opens within 20 calls when half of them %s, and refuses at once, with a wait', async (_what, fault) => {
    const { run, calls, shield, counted } = shielded({ settings: { ...PRESETS, retryPercent: 0 } })
    await outcomesOf(run, async () => 'rows', 30)
    for (let call = 0; call < 20 && !shield.state().isBreakerOpen; call++)
      await outcomesOf(run, () => (call % 2 === 0 ? fault() : Promise.resolve('rows')), 1)
    expect(shield.state().isBreakerOpen).toBe(true)
    expect(calls.length - 30).toBeLessThanOrEqual(20)
    const before = calls.length
    await expect(run(async () => 'rows')).rejects.toMatchObject({
      code: 'SYSTEM_UNAVAILABLE',
      details: { system: 'WHOLESALE_FINANCE', retryAfterSeconds: 2 },
    })
    expect(calls).toHaveLength(before)
    expect(counted('breaker_changes')).toEqual([['open', 1]])
    expect(counted('shield_refusals')).toEqual([['breaker_open', 1]])
  })

  test('counts calls that hang, and those that are answered after half of the deadline', async () => {
    for (const call of [hangs, () => answersIn(1_000)]) {
      const { run, shield } = shielded()
      for (let n = 0; n < 20; n++) {
        const read = run(call).catch(() => {})
        await jest.advanceTimersByTimeAsync(2_000)
        await read
      }
      expect(shield.state().isBreakerOpen).toBe(true)
    }
  })

  test('that has opened meanwhile leaves the failure of a call what it was', async () => {
    const { run, shield } = shielded()
    const slow = run(() => answersIn(200).then(invalid)).catch((thrown: unknown) => thrown)
    await outcomesOf(run, down, 40)
    expect(shield.state().isBreakerOpen).toBe(true)
    await jest.advanceTimersByTimeAsync(200)
    expect(await slow).toMatchObject({ code: 'SYSTEM_DATA_INVALID' })
  })

  test('counts answers that are of no use', async () => {
    const { shield } = shielded()
    for (let n = 0; n < 20; n++)
      await shield.run(
        ASKER,
        async () => [],
        rows => rows.length > 0,
      )
    expect(shield.state().isBreakerOpen).toBe(true)
  })

  test('lets through no more than one call a second while the system is down, whatever the crowd', async () => {
    const { run, calls } = shielded()
    await outcomesOf(run, down, 25)
    const before = calls.length
    const crowd: Promise<unknown>[] = []
    for (let ms = 0; ms < 10_000; ms += 5) {
      crowd.push(run(down).catch(() => {}))
      await jest.advanceTimersByTimeAsync(5)
    }
    await Promise.all(crowd)
    expect(calls.length - before).toBeLessThanOrEqual(10)
  })

  test('closes within two seconds of traffic after an outage of 30, and everything is granted two good seconds later', async () => {
    const { run, shield } = shielded()
    let isDown = true
    const source = () => (isDown ? down() : answersIn(2))
    const ask = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 10) {
        run(source).catch(() => {})
        await jest.advanceTimersByTimeAsync(10)
      }
    }
    await ask(30_000)
    expect(shield.state().isBreakerOpen).toBe(true)
    isDown = false
    await ask(1_500)
    expect(shield.state().isBreakerOpen).toBe(false)
    await ask(3_500)
    expect(shield.state()).toMatchObject({ concurrencyLimit: 10, callsPerSecondLimit: 2_000 })
  })

  test('that opens sends away at once who waits, and leaves a quarter to be granted', async () => {
    const settings = { ...PRESETS, callsPerSecond: { start: 100, cap: 100 }, retryPercent: 0 }
    const { run, shield } = shielded({ settings })
    for (let n = 0; n < 19; n++) {
      await run(down).catch(() => {})
      await jest.advanceTimersByTimeAsync(10)
    }
    const crowd = Array.from({ length: 50 }, () => run(() => answersIn(5).then(down)).catch(() => 'refused'))
    expect(shield.state().waiting).toBeGreaterThan(40)
    await jest.advanceTimersByTimeAsync(5)
    expect(shield.state()).toMatchObject({
      isBreakerOpen: true,
      waiting: 0,
      concurrencyLimit: 2,
      callsPerSecondLimit: 25,
    })
    await Promise.all(crowd)
  })
})

describe('a second attempt', () => {
  test('is made of a read that failed fast, once, and nobody hears of the first', async () => {
    const { run, calls, counted } = shielded()
    let n = 0
    expect(await run(() => (n++ === 0 ? down() : Promise.resolve('rows')))).toBe('rows')
    expect(calls).toHaveLength(2)
    expect(counted('shield_retries')).toEqual([['', 1]])
  })

  test.each([
    ['of bad data', invalid],
    ['of a call that hung', hangs],
    ['of a call that failed late', () => answersIn(1_100).then(down)],
  ])('is not made %s', async (_what, call) => {
    const { run, calls } = shielded()
    const read = run(call).catch(() => {})
    await jest.advanceTimersByTimeAsync(2_000)
    await read
    expect(calls).toHaveLength(1)
  })

  test('is not made of a call that was slow by a setting of its own, however much is left', async () => {
    const { run, calls } = shielded({ settings: { ...PRESETS, slowMs: 100 } })
    const read = run(() => answersIn(100).then(down)).catch(() => {})
    await jest.advanceTimersByTimeAsync(200)
    await read
    expect(calls).toHaveLength(1)
  })

  test('is not made where little of the deadline is left', async () => {
    const { run, calls } = shielded()
    await expect(run(down, { ...ASKER, waitedMs: 1_001 })).rejects.toThrow('503')
    expect(calls).toHaveLength(1)
  })

  test('is never made of more than a tenth of the reads, beside two', async () => {
    const { run, calls } = shielded()
    let n = 0
    // Less than half fail, so the breaker stays closed.
    await outcomesOf(run, () => (n++ % 5 < 2 ? down() : Promise.resolve('rows')), 1_000)
    expect(calls.length).toBeGreaterThan(1_050)
    expect(calls.length).toBeLessThanOrEqual(1_102)
  })
})

describe('a system that has just opened', () => {
  test('is asked within its written ramp and a twentieth, at once and in every second, by a crowd that never tires', async () => {
    const openedMs = Date.now()
    const settings = { ...PRESETS, rampSeconds: 20, callsPerSecond: { start: 50, cap: 400 } }
    const { shield, run, calls } = shielded({ settings, openedMs: () => openedMs })
    let atOnce = 0
    const over: number[] = []
    const source = async () => {
      atOnce += 1
      const written = 4 + (6 * Math.min(20_000, Date.now() - openedMs)) / 20_000
      if (atOnce > written * 1.05) over.push(atOnce)
      await answersIn(8)
      atOnce -= 1
    }
    for (let ms = 0; ms < 25_000; ms += 4) {
      // 500 a second, of ten partners.
      for (let n = 0; n < 2; n++)
        run(source, { by: `${(ms + n) % 10}`, waitedMs: 0, confirm: () => {} }).catch(() => {})
      await jest.advanceTimersByTimeAsync(4)
    }
    expect(over).toEqual([])
    const written = (atMs: number) => 50 + (350 * Math.min(20_000, atMs - openedMs)) / 20_000
    for (let second = openedMs; second < openedMs + 24_000; second += 100) {
      const begun = calls.filter(({ atMs }) => atMs >= second && atMs < second + 1_000).length
      expect(begun).toBeLessThanOrEqual(written(second + 1_000) * 1.05)
    }
    // And it is given what the ramp has, not less.
    expect(calls.filter(({ atMs }) => atMs >= openedMs + 22_000).length).toBeGreaterThan(3 * 400 * 0.9)
    expect(shield.state()).toMatchObject({ concurrencyLimit: 10, callsPerSecondLimit: 400 })
  })

  test('keeps everybody no longer than the deadline, and tells the rest at once to come back, each at its own time', async () => {
    const settings = { ...PRESETS, callsPerSecond: { start: 10, cap: 10 } }
    let chance = 0
    const random = () => {
      chance = (chance + 0.37) % 1
      return chance
    }
    const { run } = shielded({ settings, random })
    const refusedMs: number[] = []
    const waits = new Set<unknown>()
    const startedMs = Date.now()
    const crowd = Array.from({ length: 200 }, () =>
      run(() => answersIn(5)).catch((thrown: GatewayError) => {
        refusedMs.push(Date.now() - startedMs)
        waits.add(thrown.details.retryAfterSeconds)
      }),
    )
    await jest.advanceTimersByTimeAsync(2_100)
    await Promise.all(crowd)
    expect(refusedMs.filter(ms => ms === 0).length).toBeGreaterThan(170)
    expect(Math.max(...refusedMs)).toBeLessThanOrEqual(2_000)
    expect(waits.size).toBeGreaterThan(2)
  })
})
