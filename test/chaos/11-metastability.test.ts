import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, test } from '@jest/globals'
import { tally } from '../support/arrivals.ts'
import { exactly, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { createMeteredSystem } from '../support/metered-system.ts'
import { countsPerSecond, type Seconds } from '../support/seconds.ts'
import { extractsOf, systemsOf } from '../support/systems-of.ts'
import { createBusyWorkers } from './busy-workers.ts'
import { gatherOrderCrowd, type OrderCrowd } from './order-crowd.ts'

/**
 * A system that is ten times slower for four seconds, at four fifths of what it can do, before clients that ask again: its
 * partners have it back as soon as it is itself again, and it is never asked more than partners ask.
 */

const WORKERS = sized(4, 8)
/** Of what the system can do; a busy machine has it do less. */
const LOAD = sized(0.6, 0.8)
const SLOWER = 10
const HEALTHY_MS = sized(2_000, 10_000)
const SLOW_MS = 4_000
const AFTER_MS = sized(7_000, 26_000)
const BACK_WITHIN_SECONDS = 3
const DEADLINE_MS = 2_000
/** Most that a client makes of one request. */
const ATTEMPTS = sized(3, 4)

/** In the second, a slow call counts against the system, so that its breaker opens. */
const SYSTEMS = [
  { name: 'slower, and in time', serviceMs: sized(80, 50), slowMs: 1_000 },
  { name: 'slower, and too slow', serviceMs: sized(80, 50), slowMs: 400 },
] as const

let gateway: DeclaredGateway
let crowd: OrderCrowd
afterEach(async () => {
  await crowd?.close()
  await gateway?.close()
})

describe.each(SYSTEMS)('a system that is $name', ({ name, serviceMs, slowMs }) => {
  const capacity = Math.round((WORKERS * 1_000) / serviceMs)
  const perSecond = Math.round(capacity * LOAD)

  test('is asked no more than partners ask, and answers them again when it can', async () => {
    const meter = createMeteredSystem('PARTS_LOGISTICS')
    const workers = createBusyWorkers({ workers: WORKERS, serviceMs })
    const shield = {
      concurrency: { start: WORKERS, cap: WORKERS },
      callsPerSecond: { start: capacity, cap: capacity },
      slowMs,
    }
    gateway = await startGateway({
      connectors: connectors => meter.lay(workers.lay(connectors)),
      settings: {
        limits: { costPerMinute: 1_000_000_000 },
        systems: systemsOf({
          PARTS_LOGISTICS: { deadlineMs: DEADLINE_MS, shield, connector: extractsOf('PARTS_LOGISTICS') },
        }),
      },
    })
    const gather = await gatherOrderCrowd(gateway)
    // Nobody has asked any of it before, so that every answer is a call.
    crowd = await gather({ perSecond, keys: null, attempts: ATTEMPTS })
    const fromMs = performance.now()
    await setTimeout(HEALTHY_MS)
    const slowedMs = performance.now()
    workers.slowness = SLOWER
    await setTimeout(SLOW_MS)
    workers.slowness = 1
    const endedMs = performance.now()
    await setTimeout(AFTER_MS)
    const toMs = performance.now()
    const { attempts, firstMs, repeatedMs, requests } = await crowd.stop()

    const answeredMs = attempts.filter(({ outcome }) => outcome === 'ANSWERED').map(attempt => attempt.toMs)
    const after = countsPerSecond(answeredMs, { fromMs: endedMs, toMs })
    const goodput = (second: number) => (100 * (after[second]?.[1] ?? 0)) / perSecond
    const back = after.findIndex(([second]) => goodput(second) >= 95)
    const later = after.slice(BACK_WITHIN_SECONDS).map(([second]) => goodput(second))
    const span = { fromMs, toMs }
    const demand = countsPerSecond([...firstMs, ...repeatedMs], span)
    const calls = meter.callsPerSecond(span)
    /** What was asked in a second, or before and not answered yet: a call may have been for any of it. */
    const wantedIn = (second: number) => {
      const sinceMs = fromMs + second * 1_000
      return attempts.filter(attempt => attempt.fromMs < sinceMs + 1_000 && attempt.toMs >= sinceMs).length
    }
    const multiples = calls.map(([second, count]) => count / wantedIn(second))
    const upTo = (series: Seconds, last: number) =>
      series.reduce((sum, [second, count]) => sum + (second <= last ? count : 0), 0)
    const multiplesSoFar = calls.map(([second]) => upTo(calls, second) / upTo(demand, second))
    const wrong = attempts.filter(({ outcome }) => outcome === 'WRONG').length

    expect(answeredMs.length).toBeGreaterThan((perSecond * HEALTHY_MS) / 2_000)
    const phases = [
      {
        label: `${SLOWER} times slower`,
        fromSecond: (slowedMs - fromMs) / 1_000,
        toSecond: (endedMs - fromMs) / 1_000,
      },
    ]
    const of = (what: string) => `${what} (${name})`
    report(
      11,
      {
        [of('what it can do')]: `${capacity}/s`,
        [of('asked for the first time')]: `${perSecond}/s`,
        [of('asked again')]: repeatedMs.length,
        [of('what came of each attempt')]: JSON.stringify(tally(attempts)),
        [of('what came of each request')]: JSON.stringify(tally(requests)),
        [of('wrong')]: { value: wrong, ...exactly(0), of: attempts.length },
        [of('goodput back after')]: {
          value: back < 0 ? AFTER_MS / 1_000 : back,
          atMost: BACK_WITHIN_SECONDS,
          unit: 's',
          isTimed: true,
        },
        [of('goodput from then on')]: {
          value: later.reduce((sum, value) => sum + value, 0) / later.length,
          // A busy machine answers fewer; where it had not come back, there would be next to none.
          atLeast: sized(20, 95),
          unit: '%',
        },
        [of('in the worst second')]: { value: Math.min(...later), atLeast: 95, unit: '%', isTimed: true },
        // What was given up is still worked on, so there may be more than the shield has let begin.
        [of('most under way at the system')]: Math.max(...meter.calls.map(({ concurrency }) => concurrency)),
        [of('upstream calls for each request that was asked or waited, in the worst second')]: {
          value: Math.max(...multiples),
          atMost: 1.1,
        },
        [of('upstream calls for each request until then, after the worst second')]: {
          value: Math.max(...multiplesSoFar),
          atMost: 1.1,
        },
      },
      [
        {
          title: `Requests of partners: a system that is ${name}`,
          unit: '/s',
          label: 'for the first time',
          points: countsPerSecond(firstMs, span),
          others: [
            { label: 'with those made again', kind: 'limit', points: demand },
            { label: 'answered', kind: 'second', points: countsPerSecond(answeredMs, span) },
          ],
          phases,
        },
        {
          title: 'Calls of the system',
          unit: '/s',
          label: 'calls',
          points: calls,
          others: [
            {
              label: 'the written ramp, at its cap',
              kind: 'limit',
              points: calls.map(([second]) => [second, capacity]),
            },
          ],
          phases,
        },
        {
          title: 'Calls under way at the system',
          unit: 'at once',
          label: 'under way',
          points: meter.concurrencyPerSecond(span),
          others: [
            {
              label: 'the written ramp, at its cap',
              kind: 'limit',
              points: calls.map(([second]) => [second, WORKERS]),
            },
          ],
          phases,
        },
      ],
    )
  })
})
