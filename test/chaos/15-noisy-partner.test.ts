import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Arrival, latency, startArrivals, tally } from '../support/arrivals.ts'
import { type Client, createClient, outcomeOf } from '../support/client.ts'
import { exactly, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import { describeWith } from '../support/needs.ts'
import { largePage, manyAliases, onePart, type SharedGateway, startSharedGateway } from './shared-gateway.ts'

/**
 * One partner asks fifty times what it may, by many questions, by many aliases in one, or by large pages: it is given what
 * it may and no more, whatever its questions look like, and the other partners do not notice.
 */

const QUOTA = sized(1_500, 3_000)
const TIMES = 50
const QUIET_MS = sized(3_000, 20_000)
/** Less than the minute of a budget. */
const NOISY_MS = sized(3_000, 20_000)
const OTHERS = 4
const OTHERS_PER_SECOND = 40
const UNLIMITED = 1_000_000_000

const NOISES = [
  { how: 'many questions', question: onePart },
  { how: 'many aliases', question: manyAliases },
  { how: 'large pages', question: largePage },
] as const

describeWith(['postgres'], 'one partner at fifty times its budget', () => {
  let shared: SharedGateway
  let client: Client
  let asked = 0
  beforeAll(async () => {
    const budgets = [...Array<number>(OTHERS).fill(UNLIMITED), ...NOISES.map(() => QUOTA), UNLIMITED]
    shared = await startSharedGateway(budgets.map(costPerMinute => ({ costPerMinute })))
    client = createClient({ connections: 512 })
  }, 60_000)
  afterAll(async () => {
    await client?.close()
    await shared?.stop()
  }, 30_000)

  const askAs = (partner: number, question: Parameters<Client['ask']>[1]['question'], headers = {}) =>
    client.ask(shared.gateway.partners, {
      authorization: shared.authorizations[partner] ?? '',
      headers,
      ...(question && { question }),
    })

  /** Every question is new, so that each has to be executed. */
  const startOthers = () =>
    startArrivals({
      perSecond: OTHERS_PER_SECOND,
      ask: async n => {
        asked += 1
        return outcomeOf(await askAs(n % OTHERS, n % 10 === 0 ? largePage(asked) : onePart(asked)))
      },
    })

  async function costOf(question: (n: number) => Parameters<Client['ask']>[1]['question']): Promise<number> {
    const { body } = await askAs(OTHERS + NOISES.length, question(0), { 'graphql-cost': 'report' })
    return body.extensions.cost.operationCost
  }

  test('has what it may of it, and the others lose nothing', async () => {
    const warming = startOthers()
    await setTimeout(1_000)
    await warming.stop()
    const quiet = startOthers()
    await setTimeout(QUIET_MS)
    const before = await quiet.stop()
    const quietP99Ms = latency(before).p99Ms

    const during: Arrival[] = []
    const figures: Record<string, Parameters<typeof report>[1][string]> = {}
    const granted: number[] = []
    for (const [index, { how, question }] of NOISES.entries()) {
      const cost = await costOf(question)
      const untimed: string[] = []
      const others = startOthers()
      const noise = startArrivals({
        perSecond: (TIMES * QUOTA) / 60 / cost,
        async ask(n) {
          const reply = await askAs(OTHERS + index, question(n))
          if (reply.status !== 200 && !(Number(reply.headers['retry-after']) > 0)) untimed.push(outcomeOf(reply))
          return outcomeOf(reply)
        },
      })
      await setTimeout(NOISY_MS)
      const [noisy, unharmed] = [await noise.stop(), await others.stop()]
      during.push(...unharmed)
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
        [`${how}: p99 of its refusals`]: {
          value: latency(noisy.filter(({ outcome }) => outcome !== 'ANSWERED')).p99Ms,
          unit: 'ms',
        },
        [`${how}: p99 of the others`]: {
          value: latency(unharmed).p99Ms,
          atMost: quietP99Ms * 1.2,
          unit: 'ms',
          isTimed: true,
        },
      })
    }
    // All of them have the most that whole questions fit in.
    expect(Math.min(...granted)).toBeGreaterThan(QUOTA / 2)
    report(15, {
      'budget of the noisy one': `${QUOTA} a minute`,
      ...figures,
      'p99 of the others before': { value: quietP99Ms, unit: 'ms' },
      'requests that the others lost': {
        value: during.filter(({ outcome }) => outcome !== 'ANSWERED').length,
        ...exactly(0),
        of: during.length,
      },
    })
  }, 240_000)
})
