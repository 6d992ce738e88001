import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createDataset } from '../../demo/generator/dataset.ts'
import { createRandom } from '../../demo/generator/random.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import { startArrivals, tally } from '../support/arrivals.ts'
import { type Client, createClient, outcomeOf } from '../support/client.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { type Figure, report } from '../support/figures.ts'
import { SEED, sized } from '../support/form.ts'
import { describeWith } from '../support/needs.ts'
import { RETAILER, registerPartner } from '../support/opening.ts'
import { until } from '../support/shared-store.ts'
import { BEARER, startTwoGateways, type TwoGateways } from './two-gateways.ts'

/**
 * What the shared store holds back, while it is frozen, killed and back empty: a partner that asks for more than its budget
 * at both processes, and a crowd that asks a system for more than its written rate.
 */

const PHASE_MS = sized(1_500, 30_000)
/** Of the system, from each process. */
const CAP_PER_SECOND = 20
const CROWD_PER_SECOND = sized(80, 100)
const GREEDY_PER_SECOND = 10
/** Questions that the greedy partner may ask in a minute. */
const MAY_ASK = 12
const COST = 5
const MINUTE_MS = 60_000
const LOOK_MS = 1_000
const GREEDY = { bpnl: 'BPNL00000R000154', client: 'greedy' }

const order = createRandom(SEED, 'shared-budgets')
const numbers = [...createDataset(TEST_DATASET).rows(part)]
  .map(({ partNumber }) => ({ partNumber, at: order.unit() }))
  .toSorted((a, b) => a.at - b.at)
  .map(({ partNumber }) => partNumber)
const questionAt = (n: number) => ({
  query: `{ part(partNumber: "${numbers[n % numbers.length]}") { partNumber } }`,
})

describeWith(['postgres', 'redis'], 'two processes that share a budget and a system while their store is away', () => {
  let two: TwoGateways
  let client: Client

  beforeAll(async () => {
    const perSecond = { start: CAP_PER_SECOND, cap: CAP_PER_SECOND }
    two = await startTwoGateways({
      shield: { callsPerSecond: perSecond },
      // While it is there, it decides, however busy the machine is.
      storeTimeoutMs: 1_000,
    })
    client = createClient()
    const limits = { costPerMinute: MAY_ASK * COST }
    await registerPartner(two.site, two.operator, GREEDY.bpnl, { ...RETAILER, clients: [GREEDY.client], limits })
    await untilStore(1)
  })
  afterAll(async () => {
    await client?.close()
    await two?.stop()
  })

  const untilStore = (reachable: 0 | 1) =>
    until(async () => (await two.metrics('shared_store_reachable')).every(value => value === reachable))

  test('neither a budget nor the rate of a system is exceeded for its going', async () => {
    const [greedy, crowd] = await Promise.all(
      [GREEDY, BEARER].map(async partner => `Bearer ${await two.token(partner.client)}`),
    )
    const urlAt = (n: number) => two.gateways[n % two.gateways.length]?.partners ?? ''
    const beganMs = performance.now()
    await until(async () => (await client.ask(urlAt(0), { authorization: greedy ?? '' })).status === 200)
    await until(async () => (await client.ask(urlAt(1), { authorization: greedy ?? '' })).status === 200)

    const answered: number[] = []
    const greed = startArrivals({
      perSecond: GREEDY_PER_SECOND,
      async ask(n) {
        // The same few, so that no system is in the way.
        const outcome = outcomeOf(
          await client.ask(urlAt(n), { authorization: greedy ?? '', question: questionAt(n % 4) }),
        )
        if (outcome === 'ANSWERED') answered.push(performance.now())
        return outcome
      },
    })
    const load = startArrivals({
      perSecond: CROWD_PER_SECOND,
      // By turns at both, and each part at one of them alone.
      ask: async n =>
        outcomeOf(await client.ask(urlAt(n), { authorization: crowd ?? '', question: questionAt(n + 4) })),
    })
    const rates: number[] = []
    let isOver = false
    async function watch(): Promise<void> {
      let [reads, atMs] = [await two.reads(), performance.now()]
      while (!isOver) {
        await setTimeout(LOOK_MS)
        const [nowReads, nowMs] = [await two.reads(), performance.now()]
        rates.push(((nowReads - reads) * 1_000) / (nowMs - atMs))
        ;[reads, atMs] = [nowReads, nowMs]
      }
    }
    const watching = watch()

    await setTimeout(PHASE_MS)
    const awayMs = performance.now()
    two.store.freeze()
    await setTimeout(PHASE_MS)
    await two.store.kill()
    await setTimeout(PHASE_MS)
    await two.store.restart()
    await untilStore(1)
    await setTimeout(PHASE_MS)
    isOver = true
    await watching
    const [ofGreedy, ofCrowd] = [await greed.stop(), await load.stop()]

    const refused = tally(ofGreedy)
    const minutes = Math.floor((performance.now() - beganMs) / MINUTE_MS) + 1
    const before = answered.filter(at => at < awayMs).length
    expect(before).toBeGreaterThan(0)
    expect(Object.keys(refused).sort()).toEqual(['429 RATE_LIMITED', 'ANSWERED'])
    const both = two.gateways.length
    const figures: Readonly<Record<string, Figure>> = {
      [`budget of ${MAY_ASK} questions a minute: answered before, by both`]: { value: before, atMost: MAY_ASK },
      // What no store tells, each process counts by itself; what it let through it does not forget.
      'answered in all, by both': { value: answered.length, atMost: MAY_ASK * both * minutes },
      'minutes begun': minutes,
      'asked by the greedy partner': ofGreedy.length,
      'reads of the system, most in a second, by both': {
        value: Math.max(...rates),
        // A twentieth above the rate, and where the looks fall between two calls.
        atMost: CAP_PER_SECOND * both * 1.05 + both,
        unit: '/s',
      },
      'asked of it': { value: CROWD_PER_SECOND, atLeast: CAP_PER_SECOND * both * 1.5, unit: '/s' },
      'told to wait, or answered': JSON.stringify(tally(ofCrowd)),
    }
    report(10, figures)
  }, 300_000)
})
