import { describe, expect, test } from '@jest/globals'
import { createRamp } from '../../../src/systems/shield/ramp.ts'
import { movedClock } from './clock.ts'

const SPANS = { concurrency: { start: 4, cap: 10 }, callsPerSecond: { start: 100, cap: 2_000 } }
const SECOND = 1_000

/** A ramp of 100 s, whose system was opened so long ago. */
function rampOpened(agoMs: number) {
  const clock = movedClock()
  let opened = clock.now() - agoMs
  const ramp = createRamp({ ...SPANS, rampSeconds: 100, openedMs: () => opened, slowMs: 1_000, clock })
  const pass = (calls: number, of: { readonly faults?: number; readonly tookMs?: number } = {}) => {
    ramp.limits()
    for (let call = 0; call < calls; call++) ramp.note(of.tookMs ?? 10, call < (of.faults ?? 0))
    clock.pass(SECOND)
    return ramp.limits()
  }
  return {
    ramp,
    clock,
    pass,
    openAt: (ms: number) => {
      opened = ms
    },
  }
}

describe('the ramp', () => {
  test('begins at its start when the system opens, and is at its cap when it is over, evenly in between', () => {
    const { ramp, pass } = rampOpened(0)
    expect(ramp.limits()).toEqual({ concurrency: 4, callsPerSecond: 100 })
    for (let second = 0; second < 50; second++) pass(10)
    expect(ramp.limits()).toEqual({ concurrency: 7, callsPerSecond: 1_050 })
    for (let second = 0; second < 50; second++) pass(10)
    expect(ramp.limits()).toEqual({ concurrency: 10, callsPerSecond: 2_000 })
    expect(pass(10)).toEqual({ concurrency: 10, callsPerSecond: 2_000 })
  })

  test('of a system that was opened before this process started is joined where it is', () => {
    expect(rampOpened(50 * SECOND).ramp.limits()).toEqual({ concurrency: 7, callsPerSecond: 1_050 })
    expect(rampOpened(Number.POSITIVE_INFINITY).ramp.limits()).toEqual({ concurrency: 10, callsPerSecond: 2_000 })
  })

  test('has not begun where the journal is ahead of the clock', () => {
    expect(rampOpened(-5 * SECOND).ramp.limits()).toEqual({ concurrency: 4, callsPerSecond: 100 })
  })

  test('begins anew when the system opens again', () => {
    const { ramp, clock, openAt, pass } = rampOpened(Number.POSITIVE_INFINITY)
    pass(10, { faults: 10 })
    openAt(clock.now())
    expect(ramp.limits()).toEqual({ concurrency: 4, callsPerSecond: 100 })
  })

  test('begins with an opening that it saw, also where its clock ran ahead of the journal before', () => {
    const { ramp, clock, openAt } = rampOpened(Number.POSITIVE_INFINITY)
    clock.pass(3_600 * SECOND)
    openAt(clock.now() - 3_590 * SECOND)
    expect(ramp.limits()).toEqual({ concurrency: 4, callsPerSecond: 100 })
    clock.pass(100 * SECOND)
    expect(ramp.limits()).not.toEqual({ concurrency: 4, callsPerSecond: 100 })
  })

  test.each([
    ['a tenth of the calls fail', { faults: 1 }],
    ['calls take half of what is slow', { tookMs: 500 }],
  ])('holds while %s, and catches up with the written line afterwards, never above it', (_what, trouble) => {
    const { pass } = rampOpened(0)
    const held = pass(10)
    for (let second = 0; second < 20; second++) expect(pass(10, trouble)).toEqual(held)
    for (let second = 0; second < 40; second++) {
      const line = 100 + (1_900 * (22 + second)) / 100
      expect(pass(10).callsPerSecond).toBeLessThanOrEqual(line)
    }
    expect(pass(10).callsPerSecond).toBeCloseTo(100 + (1_900 * 62) / 100)
  })

  test.each([
    ['a third of the calls fail', { faults: 4 }],
    ['calls are slow', { tookMs: 1_000 }],
  ])(
    'steps back by half for each second in which %s, to a quarter, and is back two good seconds later',
    (_what, trouble) => {
      const { pass } = rampOpened(Number.POSITIVE_INFINITY)
      expect(pass(10, trouble)).toEqual({ concurrency: 5, callsPerSecond: 1_000 })
      expect(pass(10, trouble)).toEqual({ concurrency: 2, callsPerSecond: 500 })
      expect(pass(10, trouble)).toEqual({ concurrency: 2, callsPerSecond: 500 })
      pass(10)
      expect(pass(10)).toEqual({ concurrency: 10, callsPerSecond: 2_000 })
    },
  )

  test('steps back once for a bad second, and holds while nobody calls', () => {
    const { pass } = rampOpened(Number.POSITIVE_INFINITY)
    expect(pass(10, { faults: 4 })).toEqual({ concurrency: 5, callsPerSecond: 1_000 })
    for (let second = 0; second < 5; second++) expect(pass(0)).toEqual({ concurrency: 5, callsPerSecond: 1_000 })
  })

  test('that has fallen back stays there until a second of calls has gone well', () => {
    const { ramp, pass } = rampOpened(Number.POSITIVE_INFINITY)
    ramp.fallBack()
    for (let second = 0; second < 5; second++) expect(pass(0)).toEqual({ concurrency: 2, callsPerSecond: 500 })
    expect(pass(1).callsPerSecond).toBe(1_000)
  })

  test('always lets one call through', () => {
    const clock = movedClock()
    const one = { start: 1, cap: 1 }
    const ramp = createRamp({
      concurrency: one,
      callsPerSecond: one,
      rampSeconds: 1,
      openedMs: () => 0,
      slowMs: 1,
      clock,
    })
    ramp.fallBack()
    expect(ramp.limits()).toEqual({ concurrency: 1, callsPerSecond: 1 })
  })
})
