import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { latency, tally } from '../support/arrivals.ts'
import { exactly, quantile, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import { describeWith } from '../support/needs.ts'
import { overSeconds } from '../support/seconds.ts'
import { createLoadGenerator, type LoadGenerator } from './load-generator.ts'
import type { Asked, LoadOrder } from './load-thread.ts'
import { heldBy, processorSeconds } from './process-course.ts'
import { PART_NUMBERS } from './retailer-questions.ts'
import { type SharedGateway, startSharedGateway } from './shared-gateway.ts'

/**
 * Five times the requests that a gateway can answer, from clients that do not care: it answers nearly as many as it does at
 * its peak, refuses the rest at once, stays well meanwhile, and is itself again soon after.
 */

const PEAK_MS = sized(700, 10_000)
const CALM_MS = sized(1_000, 20_000)
const OVERLOAD_MS = sized(2_500, 60_000)
const AFTER_MS = sized(2_500, 20_000)
const TIMES = 5
const NORMAL_WITHIN_MS = sized(1_500, 5_000)
/** Clients that keep it busy and no more; which number does is found out. */
const CLIENTS = [2, 4, 8] as const
const LOOK_MS = 100
/** The stock enquiry of a parts desk at night. The lighter the answers, the more of what can be done do the refusals take. */
const PARTS_AT_ONCE = 200
/** As a load balancer keeps them: new ones for each request would be another test. */
const CONNECTIONS = 400

interface Look {
  readonly residentMiB: number
  readonly healthMs: number
  readonly isLive: boolean
}

interface Watched {
  readonly asked: readonly Asked[]
  readonly looks: readonly Look[]
  /** Answers for each second of the gateway's processor time. */
  readonly perProcessorSecond: number
}

describeWith(['postgres'], 'five times the load that a gateway can bear', () => {
  let shared: SharedGateway
  let generator: LoadGenerator
  beforeAll(async () => {
    const settings = {
      limits: { operationCost: 1_000_000 },
      admission: { inFlightPerPartner: 100_000 },
      accessLog: { directory: 'access' },
    }
    shared = await startSharedGateway([{ costPerMinute: 1_000_000_000 }], settings)
    const [authorization = ''] = shared.authorizations
    generator = createLoadGenerator({
      url: shared.gateway.partners,
      authorization,
      partNumbers: PART_NUMBERS,
      partsAtOnce: PARTS_AT_ONCE,
      connections: CONNECTIONS,
    })
  })
  afterAll(async () => {
    await generator?.stop()
    await shared?.stop()
  })

  async function look(): Promise<Look> {
    const startedMs = performance.now()
    const { ok } = await fetch(`${shared.gateway.admin}/health/live`)
    const healthMs = performance.now() - startedMs
    const held = await heldBy(shared.gateway.child.pid)
    return { residentMiB: held?.residentMiB ?? Number.NaN, healthMs, isLive: ok }
  }

  async function watched(order: LoadOrder): Promise<Watched> {
    const { pid } = shared.gateway.child
    const looks: Look[] = []
    const usedBefore = await processorSeconds(pid)
    const running = generator.run(order)
    let isOver = false
    void running.then(() => {
      isOver = true
    })
    for (; !isOver; await setTimeout(LOOK_MS)) looks.push(await look())
    const asked = await running
    return { asked, looks, perProcessorSecond: answered(asked).length / ((await processorSeconds(pid)) - usedBefore) }
  }

  const endOf = ({ dueMs, lateMs, tookMs }: Asked) => dueMs + lateMs + tookMs
  const answered = (asked: readonly Asked[]) => asked.filter(({ outcome }) => outcome === 'ANSWERED')
  const mostResident = (looks: readonly Look[]) => Math.max(...looks.map(({ residentMiB }) => residentMiB))

  test('it answers nearly as many as at its peak, refuses the others at once, and is well', async () => {
    // The first ones are slower: the code is compiled, and the records are read.
    await generator.run({ kind: 'closed', clients: 4, durationMs: PEAK_MS })
    const tried: Watched[] = []
    for (const clients of CLIENTS) tried.push(await watched({ kind: 'closed', clients, durationMs: PEAK_MS }))
    const perSecond = ({ asked }: Watched) => answered(asked).length / (PEAK_MS / 1_000)
    const best = tried.reduce((most, one) => (perSecond(one) > perSecond(most) ? one : most))
    const peak = perSecond(best)
    const atPeakMiB = mostResident(tried.flatMap(({ looks }) => looks))
    // All of them are opened, and stay.
    await generator.run({ kind: 'closed', clients: CONNECTIONS, durationMs: 200 })
    const half = { kind: 'open', perSecond: peak / 2 } as const
    const calm = await watched({ ...half, durationMs: CALM_MS })
    const overload = await watched({ kind: 'open', perSecond: peak * TIMES, durationMs: OVERLOAD_MS })
    const after = await watched({ ...half, durationMs: AFTER_MS })

    const refusals = overload.asked.filter(({ outcome }) => outcome === 'REFUSED').map(({ tookMs }) => tookMs)
    const others = overload.asked.filter(({ outcome }) => outcome.startsWith('OTHER'))
    const used = ({ asked, perProcessorSecond }: Watched) => answered(asked).length / perProcessorSecond
    const inTime = answered(overload.asked).filter(one => endOf(one) <= OVERLOAD_MS)
    const goodput = inTime.length / (OVERLOAD_MS / 1_000)
    const troubled = after.asked.filter(({ outcome }) => outcome !== 'ANSWERED').map(endOf)
    const later = latency(after.asked.filter(({ dueMs }) => dueMs > NORMAL_WITHIN_MS))
    const looks = overload.looks
    const span = { fromMs: 0, toMs: OVERLOAD_MS }
    const course = (of: (asked: Asked) => boolean) =>
      overSeconds(overload.asked, span, endOf, all => all.filter(of).length)

    expect(peak).toBeGreaterThan(10)
    expect(refusals.length).toBeGreaterThan(answered(overload.asked).length)
    expect(looks.every(({ isLive }) => isLive)).toBe(true)
    report(
      14,
      {
        [`peak, ${PARTS_AT_ONCE} parts each`]: { value: peak, unit: '/s' },
        asked: { value: overload.asked.length / (OVERLOAD_MS / 1_000), unit: '/s' },
        'answered, of the peak': { value: (100 * goodput) / peak, atLeast: 90, unit: '%', isTimed: true },
        'answered for each second of its processor time, of those at the peak': {
          value: (100 * overload.perProcessorSecond) / best.perProcessorSecond,
          unit: '%',
        },
        'processor time of a refusal, if an answer takes what it does at the peak': {
          value:
            (used(overload) - answered(overload.asked).length / best.perProcessorSecond) / (refusals.length / 1_000),
          unit: 'ms',
        },
        'what came of it': JSON.stringify(tally(overload.asked)),
        'neither answered nor refused with a time to come back': {
          value: others.length,
          ...exactly(0),
          of: overload.asked.length,
          isTimed: true,
        },
        'p99 of how late they were sent': {
          value: quantile(
            overload.asked.map(({ lateMs }) => lateMs),
            0.99,
          ),
          unit: 'ms',
        },
        'half of the refusals within': { value: quantile(refusals, 0.5), unit: 'ms' },
        'p99 of the refusals': { value: quantile(refusals, 0.99), atMost: 20, unit: 'ms', isTimed: true },
        'slowest answer': { value: latency(answered(overload.asked)).slowestMs, unit: 'ms' },
        'memory at the peak': { value: atPeakMiB, unit: 'MiB' },
        'memory, of that at the peak': { value: mostResident(looks) / atPeakMiB, atMost: 1.5, isTimed: true },
        'slowest answer of health': {
          value: Math.max(...looks.map(({ healthMs }) => healthMs)),
          atMost: 100,
          unit: 'ms',
          isTimed: true,
        },
        'last refusal after its end': {
          value: Math.max(0, ...troubled) / 1_000,
          atMost: NORMAL_WITHIN_MS / 1_000,
          unit: 's',
          isTimed: true,
        },
        'p99 at half the peak, before': { value: latency(calm.asked).p99Ms, unit: 'ms' },
        [`p99 at half the peak, ${NORMAL_WITHIN_MS / 1_000} s after`]: {
          value: later.p99Ms,
          atMost: 2 * latency(calm.asked).p99Ms,
          unit: 'ms',
          isTimed: true,
        },
      },
      [
        {
          title: `${TIMES} times the load that it can bear`,
          unit: '/s',
          label: 'answered',
          points: course(({ outcome }) => outcome === 'ANSWERED'),
          others: [{ label: 'refused', kind: 'second', points: course(({ outcome }) => outcome === 'REFUSED') }],
          level: { label: 'peak', value: peak },
        },
      ],
    )
  }, 300_000)
})
