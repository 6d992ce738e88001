import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tally } from '../support/arrivals.ts'
import { createFaults } from '../support/faults.ts'
import { exactly, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { createMeteredSystem } from '../support/metered-system.ts'
import { countsPerSecond, overSeconds, type Seconds } from '../support/seconds.ts'
import { extractsOf, systemsOf } from '../support/systems-of.ts'
import { gatherOrderCrowd, mostTogether, type OrderCrowd } from './order-crowd.ts'

/**
 * A system with nothing of it in any cache opens before a crowd that waits for it and asks again when refused: it is asked
 * what the written ramp says and no more, and while it struggles on the way up, the ramp waits for it.
 */

const PER_SECOND = sized(100, 500)
const KEYS = sized(300, 2_000)
/** Before it opens, the crowd is there already. */
const CLOSED_MS = 2_000
const RAMP_SECONDS = sized(8, 60)
const RAMP = sized(
  { concurrency: { start: 2, cap: 6 }, callsPerSecond: { start: 5, cap: 40 } },
  { concurrency: { start: 2, cap: 10 }, callsPerSecond: { start: 20, cap: 200 } },
)
const LATENCY_MS = 20
const SLOW_MS = 1_000
/** So slow that the ramp is held, and not yet what is called slow. */
const STRUGGLING_MS = 0.75 * SLOW_MS
/** One call in so many fails. */
const FAILS_EVERY = 4
const STRUGGLES = sized(
  { slow: { from: 2, to: 5 }, failing: { from: 6, to: 9 }, end: 13 },
  { slow: { from: 15, to: 23 }, failing: { from: 38, to: 46 }, end: 90 },
)
/** The ramp is judged once a second, so a struggle is not known before. */
const KNOWN_AFTER_SECONDS = 2
/** In the short form a busy machine is to refuse nobody. */
const ADMISSION = sized({}, { admission: {} })
/** Of the shield, of what it remembers, and of admission. */
const REFUSALS = new Set(['SYSTEM_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RATE_LIMITED', 'OVERLOADED'])
const ATTEMPTS = sized(3, 5)
const LOOK_MS = 400

describe('a system that opens before a crowd', () => {
  const meter = createMeteredSystem('PARTS_LOGISTICS')
  const faults = createFaults()
  let gateway: DeclaredGateway
  let crowd: OrderCrowd
  beforeAll(async () => {
    const shield = { ...RAMP, rampSeconds: RAMP_SECONDS, slowMs: SLOW_MS }
    gateway = await startGateway({
      connectors: connectors => meter.lay(faults.lay(connectors)),
      settings: {
        limits: { costPerMinute: 1_000_000_000 },
        systems: systemsOf({ PARTS_LOGISTICS: { shield, connector: extractsOf('PARTS_LOGISTICS') } }),
        ...ADMISSION,
      },
    })
    declare('VERIFIED')
  })
  afterAll(async () => {
    await crowd?.close()
    await gateway?.close()
  })

  /** The step is recorded now. */
  function declare(to: 'VERIFIED' | 'LIMITED_OPEN'): void {
    const { state } = gateway.recovery.current()
    const parts = state.systems.PARTS_LOGISTICS
    const [step] = parts.transitions
    const recordedAt = new Date().toISOString()
    const transitions = step === undefined ? [] : [...parts.transitions, { ...step, to, at: recordedAt, recordedAt }]
    const opened = { ...parts, lifecycle: to, waves: [1, 2, 3], since: recordedAt, transitions }
    gateway.recovery.declare({ ...state, systems: { ...state.systems, PARTS_LOGISTICS: opened } })
  }

  async function granted(): Promise<number> {
    const { payload } = await gateway.app.admin.inject({ url: '/metrics' })
    const line = /^recovery_gateway_system_calls_per_second_limit\{system="PARTS_LOGISTICS"\} (.+)$/m.exec(payload)
    return Number(line?.[1])
  }

  test('is asked within its ramp, which waits while it struggles, and the crowd is told when to come back', async () => {
    const gather = await gatherOrderCrowd(gateway)
    meter.latencyMs = LATENCY_MS
    crowd = await gather({ perSecond: PER_SECOND, keys: KEYS, attempts: ATTEMPTS })
    const fromMs = performance.now()
    await setTimeout(CLOSED_MS)
    const callsWhileClosed = meter.calls.length
    declare('LIMITED_OPEN')
    const openedMs = performance.now()
    const looks: { readonly atMs: number; readonly callsPerSecond: number }[] = []
    const until = async (second: number) => {
      while (performance.now() < openedMs + second * 1_000) {
        looks.push({ atMs: performance.now(), callsPerSecond: await granted() })
        await setTimeout(LOOK_MS)
      }
    }
    const { slow, failing, end } = STRUGGLES
    await until(slow.from)
    meter.latencyMs = STRUGGLING_MS
    await until(slow.to)
    meter.latencyMs = LATENCY_MS
    await until(failing.from)
    let read = 0
    faults.read = (_, real) => {
      read += 1
      return read % FAILS_EVERY === 0 ? Promise.reject(new Error('the system is not well')) : real()
    }
    await until(failing.to)
    faults.read = null
    await until(end)
    const toMs = performance.now()
    const { attempts, firstMs, repeatedMs, requests } = await crowd.stop()

    const lineAt = ({ start, cap }: { readonly start: number; readonly cap: number }, atMs: number) =>
      start + (cap - start) * Math.min(1, Math.max(0, (atMs - openedMs) / (RAMP_SECONDS * 1_000)))
    const calls = meter.calls.slice(callsWhileClosed)
    /** Wherever a second begins: against what the ramp had reached at its end. */
    const rates = calls.map(({ atMs }, index) => {
      const within = calls.slice(0, index + 1).filter(call => call.atMs > atMs - 1_000).length
      return within / lineAt(RAMP.callsPerSecond, atMs)
    })
    const crowds = calls.map(({ atMs, concurrency }) => concurrency / lineAt(RAMP.concurrency, atMs))
    const grownIn = ({ from, to }: { readonly from: number; readonly to: number }) => {
      const during = looks.filter(
        ({ atMs }) => atMs >= openedMs + (from + KNOWN_AFTER_SECONDS) * 1_000 && atMs <= openedMs + to * 1_000,
      )
      const [first] = during
      return Math.max(...during.map(look => look.callsPerSecond)) / (first?.callsPerSecond ?? 0)
    }
    const refusals = attempts.filter(({ outcome }) => REFUSALS.has(outcome))
    const waits = refusals.map(({ retryAfterSeconds }) => retryAfterSeconds)
    const whole: Seconds = overSeconds(
      looks,
      { fromMs, toMs },
      ({ atMs }) => atMs,
      all => Math.max(0, ...all.map(({ callsPerSecond }) => callsPerSecond)),
    )
    const span = { fromMs, toMs }
    const line = (of: { readonly start: number; readonly cap: number }): Seconds =>
      whole
        .filter(([second]) => fromMs + second * 1_000 >= openedMs)
        .map(([second]) => [second, lineAt(of, fromMs + (second + 1) * 1_000)])
    const since = (second: number) => (openedMs - fromMs) / 1_000 + second
    const phases = [
      { label: 'closed', fromSecond: 0, toSecond: since(0) },
      { label: 'slow', fromSecond: since(slow.from), toSecond: since(slow.to) },
      { label: 'failing', fromSecond: since(failing.from), toSecond: since(failing.to) },
    ]
    const last = attempts.filter(attempt => attempt.toMs > toMs - 3_000 && attempt.toMs <= toMs)

    expect(calls.length).toBeGreaterThan(50)
    expect(refusals.length).toBeGreaterThan(100)
    report(
      12,
      {
        'asked for the first time': `${PER_SECOND}/s, of ${KEYS} keys`,
        'asked again': repeatedMs.length,
        'calls before it opened': { value: callsWhileClosed, ...exactly(0) },
        calls: calls.length,
        'calls beside what the ramp says, in the worst second': { value: Math.max(...rates), atMost: 1.05 },
        'calls at once beside what the ramp says, at worst': { value: Math.max(...crowds), atMost: 1.05 },
        'growth of the ramp while it is slow': { value: grownIn(slow), atMost: 1, isTimed: true },
        'growth of the ramp while it fails': { value: grownIn(failing), atMost: 1, isTimed: true },
        'granted at the end': {
          value: looks.at(-1)?.callsPerSecond ?? 0,
          ...exactly(RAMP.callsPerSecond.cap),
          unit: '/s',
          isTimed: true,
        },
        'refusals that name no time': {
          value: waits.filter(wait => wait === null).length,
          ...exactly(0),
          of: refusals.length,
        },
        'most of one second that are to come back in one': { value: mostTogether(refusals), atMost: 2 / 3 },
        wrong: {
          value: attempts.filter(({ outcome }) => outcome === 'WRONG').length,
          ...exactly(0),
          of: attempts.length,
        },
        'answered in the last three seconds': {
          value: (100 * last.filter(({ outcome }) => outcome === 'ANSWERED').length) / last.length,
          atLeast: 99,
          unit: '%',
          isTimed: true,
        },
        'what came of each attempt': JSON.stringify(tally(attempts)),
        'seconds that refusals name': JSON.stringify(tally(waits.map(wait => ({ outcome: String(wait) })))),
        lost: {
          value: requests.filter(({ outcome }) => outcome.startsWith('LOST')).length,
          ...exactly(0),
          of: requests.length,
        },
      },
      [
        {
          title: `Requests of partners: a system that opens at ${(since(0)).toFixed(0)} s`,
          unit: '/s',
          label: 'for the first time',
          points: countsPerSecond(firstMs, span),
          others: [
            {
              label: 'with those made again',
              kind: 'limit',
              points: countsPerSecond([...firstMs, ...repeatedMs], span),
            },
            {
              label: 'answered',
              kind: 'second',
              points: countsPerSecond(
                attempts.filter(({ outcome }) => outcome === 'ANSWERED').map(attempt => attempt.toMs),
                span,
              ),
            },
          ],
          phases,
        },
        {
          title: 'Calls of the system',
          unit: '/s',
          label: 'calls',
          points: meter.callsPerSecond(span),
          others: [
            { label: 'granted', kind: 'second', points: whole },
            { label: 'the written ramp', kind: 'limit', points: line(RAMP.callsPerSecond) },
          ],
          phases,
        },
        {
          title: 'Calls under way at the system',
          unit: 'at once',
          label: 'under way',
          points: meter.concurrencyPerSecond(span),
          others: [{ label: 'the written ramp', kind: 'limit', points: line(RAMP.concurrency) }],
          phases,
        },
      ],
    )
  }, 240_000)
})
