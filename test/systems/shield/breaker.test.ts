import { describe, expect, test } from '@jest/globals'
import { createBreaker } from '../../../src/systems/shield/breaker.ts'
import type { Outcome } from '../../../src/systems/shield/outcome.ts'
import { movedClock } from './clock.ts'

const GOOD: Outcome<string> = { kind: 'answered', value: 'rows', tookMs: 1, isFault: false }
const BAD: Outcome<string> = { kind: 'failed', error: new Error('503'), tookMs: 1, isFault: true, underWay: null }
const SLOW: Outcome<string> = { ...GOOD, isFault: true }
const GIVEN_UP: Outcome<string> = { ...BAD, isFault: false }

function breakerOf(faultPercent = 50) {
  const clock = movedClock()
  const changes: { readonly atMs: number; readonly isOpen: boolean }[] = []
  const onChange = (isOpen: boolean) => void changes.push({ atMs: clock.now(), isOpen })
  const breaker = createBreaker({ calls: 20, faultPercent, clock, onChange })
  let calls = 0
  const call = async (outcome: Outcome<string>) => {
    const run = breaker.run(async () => {
      calls += 1
      return outcome
    })
    await run
    return run !== null
  }
  return {
    breaker,
    clock,
    changes,
    call,
    calls: () => calls,
    async open() {
      while (!breaker.isOpen()) await call(BAD)
    },
  }
}

describe('a breaker', () => {
  test.each([
    ['fail', BAD],
    ['answer too slowly, or with bad data', SLOW],
  ])('opens within 20 calls when half of them %s', async (_what, fault) => {
    const { breaker, call } = breakerOf()
    for (let n = 0; n < 40; n++) await call(GOOD)
    for (let n = 0; n < 19; n++) await call(n % 2 === 0 ? fault : GOOD)
    expect(breaker.isOpen()).toBe(true)
  })

  test('opens from its first calls on, and not before it has seen 20', async () => {
    const { breaker, call } = breakerOf()
    for (let n = 0; n < 19; n++) await call(BAD)
    expect(breaker.isOpen()).toBe(false)
    await call(BAD)
    expect(breaker.isOpen()).toBe(true)
  })

  test('stays closed while fewer fail', async () => {
    const { breaker, call } = breakerOf()
    for (let n = 0; n < 400; n++) await call(n % 20 < 9 ? BAD : GOOD)
    expect(breaker.isOpen()).toBe(false)
  })

  test('does not count what was given up for want of time', async () => {
    const { breaker, call } = breakerOf()
    for (let n = 0; n < 100; n++) await call(GIVEN_UP)
    expect(breaker.isOpen()).toBe(false)
    // Nor does it hide that all the others fail.
    for (let n = 0; n < 60; n++) await call(n % 3 === 0 ? BAD : GIVEN_UP)
    expect(breaker.isOpen()).toBe(true)
  })

  test('can ask for every call to fail', async () => {
    const { breaker, call } = breakerOf(100)
    await call(GOOD)
    for (let n = 0; n < 19; n++) await call(BAD)
    expect(breaker.isOpen()).toBe(false)
    await call(BAD)
    expect(breaker.isOpen()).toBe(true)
  })
})

describe('a breaker that is open', () => {
  test('lets no more than one probe a second through', async () => {
    const { call, calls, clock, open } = breakerOf()
    await open()
    const before = calls()
    for (let ms = 0; ms < 30_000; ms += 10) {
      clock.pass(10)
      await call(BAD)
    }
    expect(calls() - before).toBe(30)
  })

  test('lets one probe at a time through, however long it takes', async () => {
    const { breaker, clock, open } = breakerOf()
    await open()
    clock.pass(1_000)
    const { promise, resolve } = Promise.withResolvers<Outcome<string>>()
    const probe = breaker.run(() => promise)
    clock.pass(5_000)
    expect(breaker.run(async () => GOOD)).toBeNull()
    expect(breaker.waitMs()).toBe(1_000)
    resolve(GOOD)
    await probe
    expect(breaker.isOpen()).toBe(false)
  })

  test('closes with the first probe that goes well, within a second of the end of an outage, and counts anew', async () => {
    const { breaker, call, clock, open } = breakerOf()
    await open()
    for (let second = 0; second < 10; second++) {
      clock.pass(1_000)
      await call(BAD)
    }
    clock.pass(1_000)
    await call(GOOD)
    expect(breaker.isOpen()).toBe(false)
    for (let n = 0; n < 9; n++) await call(BAD)
    expect(breaker.isOpen()).toBe(false)
  })

  test('is not closed by a probe that was given up, nor by one that is slow', async () => {
    const { breaker, call, clock, open } = breakerOf()
    await open()
    for (const outcome of [GIVEN_UP, SLOW]) {
      clock.pass(1_000)
      await call(outcome)
      expect(breaker.isOpen()).toBe(true)
    }
  })

  test('hears nothing from calls that began before it opened', async () => {
    const { breaker, clock, call, open } = breakerOf()
    const hung = Array.from({ length: 10 }, () => Promise.withResolvers<Outcome<string>>())
    const calls = hung.map(({ promise }) => breaker.run(() => promise))
    await open()
    clock.pass(1_000)
    const probe = Promise.withResolvers<Outcome<string>>()
    const probing = breaker.run(() => probe.promise)
    for (const { resolve } of hung) resolve(BAD)
    await Promise.all(calls)
    probe.resolve(GOOD)
    await probing
    expect(breaker.isOpen()).toBe(false)
    for (let n = 0; n < 9; n++) await call(BAD)
    expect(breaker.isOpen()).toBe(false)
  })

  test('lets everybody hear what became of a call, also where it does not count', async () => {
    const { breaker, clock, open } = breakerOf()
    const hung = Promise.withResolvers<Outcome<string>>()
    const call = breaker.run(() => hung.promise)
    await open()
    hung.resolve(BAD)
    expect(await call).toEqual(BAD)
    clock.pass(1_000)
    expect(await breaker.run(async () => GIVEN_UP)).toEqual(GIVEN_UP)
    expect(breaker.isOpen()).toBe(true)
  })

  test('of a flapping system changes no more than twice a minute, once it is known to flap', async () => {
    const { call, changes, clock } = breakerOf()
    // Up for five seconds, down for five; a hundred calls a second.
    for (let ms = 0; ms < 600_000; ms += 10) {
      clock.pass(10)
      await call(ms % 10_000 < 5_000 ? GOOD : BAD)
    }
    const known = changes.slice(2)
    expect(known.length).toBeGreaterThan(10)
    for (const [at, { atMs }] of known.entries()) {
      const minute = known.slice(at).filter(change => change.atMs < atMs + 60_000)
      expect(minute.length).toBeLessThanOrEqual(2)
    }
    expect(changes.length).toBeLessThanOrEqual(2 * 10 + 1)
  })

  test('is tried after a second again where it has stayed closed for a minute', async () => {
    const { breaker, call, clock, open } = breakerOf()
    for (let round = 0; round < 3; round++) {
      await open()
      clock.pass(1_000)
      await call(GOOD)
      expect(breaker.isOpen()).toBe(false)
      for (let n = 0; n < 20; n++) await call(GOOD)
      clock.pass(60_000)
    }
  })
})
