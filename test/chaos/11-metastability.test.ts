import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createRandom } from '../../demo/generator/random.ts'
import { startArrivals, tally } from '../support/arrivals.ts'
import { type Crowd, gatherCrowd } from '../support/crowd.ts'
import { exactly, report } from '../support/figures.ts'
import { SEED, sized } from '../support/form.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { createMeteredSystem } from '../support/metered-system.ts'
import { createRetrying } from '../support/retrying.ts'
import { countsPerSecond, type Seconds } from '../support/seconds.ts'
import { createBusyWorkers } from './busy-workers.ts'
import { judge, orderLines, temper } from './order-crowd.ts'

/**
 * A system that is ten times slower for four seconds, at four fifths of what it can do, before clients that ask again: its
 * partners have it back as soon as it is itself again, and it is never asked more than partners ask.
 */

const WORKERS = 8
const LOAD = 0.8
const SLOWER = 10
const HEALTHY_MS = sized(2_000, 10_000)
const SLOW_MS = 4_000
const AFTER_MS = sized(8_000, 26_000)
const BACK_WITHIN_SECONDS = 3
const DEADLINE_MS = 2_000
/** Most that a client makes of one request. */
const ATTEMPTS = 4
const UNLIMITED = { costPerMinute: 1_000_000_000 }

/** In the second, a slow call counts against the system, so that its breaker opens. */
const SYSTEMS = [
  { name: 'slower, and in time', serviceMs: sized(80, 25), slowMs: 1_000 },
  { name: 'slower, and too slow', serviceMs: sized(80, 25), slowMs: 200 },
] as const

let gateway: DeclaredGateway
let crowd: Crowd
afterEach(async () => {
  await crowd?.close()
  await gateway?.close()
}, 30_000)

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
      systems: { deadlineMs: DEADLINE_MS, shield },
      settings: { limits: UNLIMITED },
    })
    crowd = await gatherCrowd(gateway, { connections: 4_000 })
    const random = createRandom(SEED, 'metastability')
    const attempts: { readonly outcome: string; readonly fromMs: number; readonly toMs: number }[] = []
    const retrying = createRetrying(async n => {
      // Nobody has asked it before, so that every answer is a call.
      const asked = orderLines(n)
      const fromMs = performance.now()
      const attempt = temper(judge(asked, await crowd.ask(asked.client, asked.question)), n, random)
      attempts.push({ outcome: attempt.outcome, fromMs, toMs: performance.now() })
      return attempt
    }, ATTEMPTS)

    const fromMs = performance.now()
    const load = startArrivals({ perSecond, ask: retrying.ask })
    await setTimeout(HEALTHY_MS)
    workers.slowness = SLOWER
    await setTimeout(SLOW_MS)
    workers.slowness = 1
    const endedMs = performance.now()
    await setTimeout(AFTER_MS)
    const toMs = performance.now()
    const arrivals = await load.stop()

    const answeredMs = attempts.filter(({ outcome }) => outcome === 'ANSWERED').map(attempt => attempt.toMs)
    const after = countsPerSecond(answeredMs, { fromMs: endedMs, toMs })
    const goodput = (second: number) => (100 * (after[second]?.[1] ?? 0)) / perSecond
    const back = after.findIndex(([second]) => goodput(second) >= 95)
    const later = after.slice(BACK_WITHIN_SECONDS).map(([second]) => goodput(second))
    const span = { fromMs, toMs }
    const demand = countsPerSecond([...retrying.firstMs, ...retrying.repeatedMs], span)
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
        fromSecond: (endedMs - fromMs - SLOW_MS) / 1_000,
        toSecond: (endedMs - fromMs) / 1_000,
      },
    ]
    const of = (what: string) => `${what} (${name})`
    report(
      11,
      {
        [of('what it can do')]: `${capacity}/s`,
        [of('asked for the first time')]: `${perSecond}/s`,
        [of('asked again')]: retrying.repeatedMs.length,
        [of('what came of each attempt')]: JSON.stringify(tally(attempts)),
        [of('what came of each request')]: JSON.stringify(tally(arrivals)),
        [of('wrong')]: { value: wrong, ...exactly(0), of: attempts.length },
        [of('goodput back after')]: {
          value: back < 0 ? AFTER_MS / 1_000 : back,
          atMost: BACK_WITHIN_SECONDS,
          unit: 's',
          isTimed: true,
        },
        [of('goodput from then on')]: {
          value: later.reduce((sum, value) => sum + value, 0) / later.length,
          atLeast: 95,
          unit: '%',
        },
        [of('in the worst second')]: { value: Math.min(...later), atLeast: 95, unit: '%', isTimed: true },
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
          points: countsPerSecond(retrying.firstMs, span),
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
  }, 120_000)
})
