import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Arrival, latency, startArrivals, tally } from '../support/arrivals.ts'
import { type Client, createClient, outcomeOf } from '../support/client.ts'
import { exactly, report } from '../support/figures.ts'
import { IS_FULL, sized } from '../support/form.ts'
import type { Question } from '../support/gateway.ts'
import { describeWith } from '../support/needs.ts'
import { startNoise } from './noise.ts'
import { RETAILER_QUESTIONS, type RetailerQuestion } from './retailer-questions.ts'
import { type SharedGateway, startSharedGateway } from './shared-gateway.ts'

/**
 * One partner asks fifty times what it may, by many questions, by many aliases in one, or by large pages: it is given what
 * it may and no more, whatever its questions look like, and the other partners do not notice.
 */

const QUOTA = sized(1_500, 3_000)
const TIMES = 50
const QUIET_MS = sized(500, 10_000)
/** Less than the minute of a budget. */
const NOISY_MS = sized(2_500, 20_000)
/** At this rate a budget lasts for less. */
const SPENT_AFTER_MS = 2_000
const OTHERS = 4
const OTHERS_PER_SECOND = 60
const UNLIMITED = 1_000_000_000

const NOISES = Object.keys(RETAILER_QUESTIONS) as readonly RetailerQuestion[]

describeWith(['postgres'], 'one partner at fifty times its budget', () => {
  let shared: SharedGateway
  let client: Client
  let asked = 0
  beforeAll(async () => {
    const budgets = [...Array<number>(OTHERS).fill(UNLIMITED), ...NOISES.map(() => QUOTA), UNLIMITED]
    // Beside other tests a machine may be so busy that it sheds what is to be refused by the budget.
    const settings = IS_FULL ? {} : { admission: { loopDelayMs: 0 } }
    shared = await startSharedGateway(
      budgets.map(costPerMinute => ({ costPerMinute })),
      settings,
    )
    client = createClient()
  })
  afterAll(async () => {
    await client?.close()
    await shared?.stop()
  })

  const askAs = (partner: number, question: Question, headers = {}) =>
    client.ask(shared.gateway.partners, { authorization: shared.authorizations[partner] ?? '', headers, question })

  /** Every question is new, so that each has to be executed. */
  async function others(durationMs: number): Promise<readonly Arrival[]> {
    const arrivals = startArrivals({
      perSecond: OTHERS_PER_SECOND,
      ask: async n => {
        asked += 1
        const kind = n % 10 === 0 ? 'large pages' : 'many questions'
        return outcomeOf(await askAs(n % OTHERS, RETAILER_QUESTIONS[kind](asked)))
      },
    })
    await setTimeout(durationMs)
    return arrivals.stop()
  }

  async function costOf(question: RetailerQuestion): Promise<number> {
    const { body } = await askAs(OTHERS + NOISES.length, RETAILER_QUESTIONS[question](0), { 'graphql-cost': 'report' })
    return body.extensions.cost.operationCost
  }

  test('has what it may of it, and the others lose nothing', async () => {
    await others(sized(500, 1_000))
    const quiet: Arrival[] = []
    const during: Arrival[] = []
    const beside = new Map<RetailerQuestion, number>()
    const figures: Record<string, Parameters<typeof report>[1][string]> = {}
    const granted: number[] = []
    for (const [index, how] of NOISES.entries()) {
      const cost = await costOf(how)
      // As much before as after, so that nothing that changes meanwhile is laid to the noise.
      quiet.push(...(await others(QUIET_MS)))
      const noise = await startNoise({
        url: shared.gateway.partners,
        authorization: shared.authorizations[OTHERS + index] ?? '',
        question: how,
        perSecond: (TIMES * QUOTA) / 60 / cost,
      })
      const unharmed = await others(NOISY_MS)
      const { asked: noisy, untimed } = await noise.stop()
      quiet.push(...(await others(QUIET_MS)))
      during.push(...unharmed)
      beside.set(how, latency(unharmed).p99Ms)
      const beganMs = unharmed.reduce((least, { dueMs }) => Math.min(least, dueMs), Infinity)
      const later = latency(unharmed.filter(({ dueMs }) => dueMs - beganMs > SPENT_AFTER_MS)).p99Ms
      const answered = noisy.filter(({ outcome }) => outcome === 'ANSWERED').length
      granted.push(answered * cost)
      const outcomes = tally(noisy)
      expect(Object.keys(outcomes).toSorted()).toEqual(['429 RATE_LIMITED', 'ANSWERED'])
      Object.assign(figures, {
        [`${how}: cost of one`]: cost,
        [`${how}: asked, in budgets a minute`]: (noisy.length * cost * 60_000) / NOISY_MS / QUOTA,
        [`${how}: what came of it`]: JSON.stringify(outcomes),
        [`${how}: given, of its budget`]: { value: (100 * answered * cost) / QUOTA, atMost: 100, unit: '%' },
        [`${how}: refusals that name no time`]: { value: untimed.length, ...exactly(0), of: noisy.length - answered },
        // Until then it is given what it may have all at once, and is executed beside them.
        [`${how}: p99 of the others once its budget is spent`]: { value: later, unit: 'ms' },
        [`${how}: p99 of its refusals`]: {
          value: latency(noisy.filter(({ outcome }) => outcome !== 'ANSWERED')).p99Ms,
          unit: 'ms',
        },
      })
    }
    const quietP99Ms = latency(quiet).p99Ms
    // All of them have the most that whole questions fit in.
    expect(Math.min(...granted)).toBeGreaterThan(QUOTA / 2)
    report(15, {
      'budget of the noisy one': `${QUOTA} a minute`,
      ...figures,
      'p99 of the others without noise': { value: quietP99Ms, unit: 'ms' },
      ...Object.fromEntries(
        [...beside].map(([how, value]) => [
          `${how}: p99 of the others`,
          { value, atMost: quietP99Ms * 1.2, unit: 'ms', isTimed: true },
        ]),
      ),
      'requests that the others lost': {
        value: during.filter(({ outcome }) => outcome !== 'ANSWERED').length,
        ...exactly(0),
        of: during.length,
        // Others' tests may make the machine so busy that it sheds.
        isTimed: true,
      },
    })
  }, 240_000)
})
