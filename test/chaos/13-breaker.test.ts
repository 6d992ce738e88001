import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { createDataset } from '../../demo/generator/dataset.ts'
import { createRandom } from '../../demo/generator/random.ts'
import type { Clock } from '../../src/model/clock.ts'
import { type ODataServer, startODataServer } from '../connectors/odata/server.ts'
import { createTableEngine } from '../connectors/odata/table-engine.ts'
import { type Arrival, startArrivals } from '../support/arrivals.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { exactly, report } from '../support/figures.ts'
import { financeService } from '../support/finance-service.ts'
import { SEED, sized } from '../support/form.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { FINANCE_SERVICE, PRODUCTION_CONFIG } from '../support/production-site.ts'
import { countsPerSecond } from '../support/seconds.ts'
import { until } from '../support/shared-store.ts'
import { systemsOf } from '../support/systems-of.ts'
import { FAILINGS, type FailingService, startFailingService } from './failing-service.ts'

/**
 * Wholesale finance over a real OData service that fails with a 5xx, with nonsense, or not at all but by silence: after how
 * many calls it is left alone, how often it is tried then, and how often its breaker changes where it flaps.
 */

const OPEN_MS = sized(2_200, 20_000)
const DEADLINE_MS = 200
const MOST_CALLS = 20
const PER_SECOND = 40
/** Of the gateway's clock, which passes faster in the short form. */
const FLAPPING_MS = sized(200_000, 300_000)
const TIMES = sized(20, 1)
const PHASE_MS = 7_000
/** Of the breaker, so that something can be said of them. */
const LEAST_CHANGES = 6
const FLAPPING_PER_SECOND = 10
const MINUTE_MS = 60_000

const SUPPLIERS = ['sample-supplier', 'supplier-0002', 'supplier-0003'] as const
const LONGEST_PAGE = 20
const QUESTIONS = SUPPLIERS.length * LONGEST_PAGE
/** Refusals of the gateway, or what it knows of the system: typed, all of them. */
const TYPED = new Set(['SYSTEM_UNAVAILABLE', 'SYSTEM_DATA_INVALID', 'DEADLINE_EXCEEDED'])

const SOUND = /"amount":"[\d.-]+"/
const MOST_TRIES = 8

const service = financeService(createDataset(TEST_DATASET))
const quick = (times: number): Clock & { skip(ms: number): void } => {
  let begunAtMs = Date.now()
  const begunMs = performance.now()
  return {
    now: () => begunAtMs + (performance.now() - begunMs) * times,
    skip(ms) {
      begunAtMs += ms
    },
  }
}

let odata: ODataServer
let failing: FailingService
let gateway: DeclaredGateway
let clock: ReturnType<typeof quick>
const healthy = new Map<number, string>()

/** `finance`: settings of the system, laid over those of a site. */
async function start(times: number, finance: object): Promise<void> {
  healthy.clear()
  clock = quick(times)
  failing = await startFailingService({ target: odata.url, random: createRandom(SEED, 'failing-service'), clock })
  const { connector } = parse(await readFile(PRODUCTION_CONFIG, 'utf8')).systems.WHOLESALE_FINANCE
  const systems = systemsOf({
    WHOLESALE_FINANCE: {
      ...finance,
      connector: {
        ...connector,
        baseUrl: `${failing.url}/${FINANCE_SERVICE}`,
        auth: { kind: 'none' },
        connectTimeoutMs: 5_000,
        // A call is one request.
        freshness: { live: true },
      },
    },
  })
  const settings = { systems, limits: { requestTimeoutMs: 60_000 } }
  // Nothing is answered from a cache: every question that passes the breaker is a call.
  gateway = await startGateway({ settings, execution: { compiled: true, cached: false }, clock })
  const { state } = gateway.recovery.current()
  const opened = { ...state.systems.WHOLESALE_FINANCE, lifecycle: 'OPEN' as const }
  gateway.recovery.declare({ ...state, systems: { ...state.systems, WHOLESALE_FINANCE: opened } })
  for (let n = 0; n < QUESTIONS; n++) healthy.set(n, await soundAnswer(n))
}

/** The first answers of a service that was started just now may be late. */
async function soundAnswer(n: number): Promise<string> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { text } = await askAs(n)
    if (SOUND.test(text)) return text
    await setTimeout(1_100)
  }
  throw new Error(`the service gave no answer to question ${n} in ${MOST_TRIES} tries`)
}

/** Worded differently by neighbours, so that no failure is remembered of another's question. */
function askAs(n: number) {
  const first = 1 + (Math.floor(n / SUPPLIERS.length) % LONGEST_PAGE)
  const query = `{ supplierPayments(first: ${first}) { edges { node { id amount { amount } status } } } }`
  return gateway.ask(SUPPLIERS[n % SUPPLIERS.length] ?? '', { query })
}

/** `ANSWERED`, the code of a typed error, or `WRONG`. */
async function outcomeOf(n: number): Promise<string> {
  const { text, body } = await askAs(n)
  if (text === healthy.get(n % QUESTIONS)) return 'ANSWERED'
  const code = String(body.errors?.[0]?.extensions.code)
  return body.data?.supplierPayments === null && TYPED.has(code) ? code : 'WRONG'
}

function changes(to?: 'open' | 'closed'): number {
  return gateway.counters
    .snapshot()
    .filter(({ name, labels }) => name === 'breaker_changes' && (to === undefined || labels.to === to))
    .reduce((sum, { value }) => sum + value, 0)
}
const wrongOf = (arrivals: readonly Pick<Arrival, 'outcome'>[]) => ({
  value: arrivals.filter(({ outcome }) => outcome === 'WRONG' || outcome.startsWith('LOST')).length,
  ...exactly(0),
  of: arrivals.length,
})

async function stop(): Promise<void> {
  await gateway?.close()
  await failing?.close()
}

beforeAll(async () => {
  odata = await startODataServer({
    version: 'V4',
    services: { [FINANCE_SERVICE]: service },
    pageLimit: 1_000,
    createEngine: createTableEngine,
  })
})
afterAll(() => odata?.close())

describe.each([
  { deadlineMs: 2_000, failings: FAILINGS.filter(how => how !== 'hang') },
  // A call that hangs takes all of it.
  { deadlineMs: DEADLINE_MS, failings: ['hang'] as const },
])('within $deadlineMs ms, a system that answers with', ({ deadlineMs, failings }) => {
  beforeAll(() => start(1, { deadlineMs }))
  afterAll(stop)
  beforeEach(async () => {
    failing.fail(null)
    // Long enough for what was before to be forgotten.
    clock.skip(10 * MINUTE_MS)
    await soundAnswer(0)
  })

  test.each(failings)(
    '%s is left alone within twenty calls, tried once a second, and asked again as soon as it answers',
    async how => {
      failing.fail(how)
      const [before, changesBefore, openedBefore] = [failing.calls.length, changes(), changes('open')]
      const outcomes: string[] = []
      while (changes('open') === openedBefore) {
        outcomes.push(await outcomeOf(outcomes.length))
        expect(outcomes.length).toBeLessThan(200)
      }
      const untilOpen = failing.calls.length - before

      const fromMs = clock.now()
      const load = startArrivals({ perSecond: PER_SECOND, ask: outcomeOf })
      // A probe that is answered would close it, so none is.
      if (how !== 'hang') failing.fail('5xx')
      await setTimeout(OPEN_MS)
      const arrivals = await load.stop()
      const probes = failing.calls.filter(at => at >= fromMs)
      const gaps = probes.slice(1).map((at, index) => at - (probes[index] ?? 0))
      expect(changes() - changesBefore).toBe(1)
      expect(arrivals.length).toBeGreaterThan(PER_SECOND)
      expect(arrivals.filter(({ outcome }) => outcome === 'ANSWERED')).toEqual([])

      failing.fail(null)
      const healedMs = performance.now()
      await until(async () => (await outcomeOf(outcomes.length)) === 'ANSWERED')
      const of = (what: string) => `${what} (${how})`
      report(13, {
        [of('calls until it opens')]: { value: untilOpen, atMost: MOST_CALLS },
        [of('probes while it is open')]: { value: probes.length, atLeast: 1, atMost: Math.ceil(OPEN_MS / 1_000) },
        // Arrival at the service is a little later than departure from the gateway, and not always by as much.
        [of('least time between two')]: { value: Math.min(...gaps, OPEN_MS), atLeast: 950, unit: 'ms' },
        [of('asked meanwhile')]: arrivals.length,
        [of('wrong')]: wrongOf([...arrivals, ...outcomes.map(outcome => ({ outcome }))]),
        [of('answered after it does')]: {
          value: (performance.now() - healedMs) / 1_000,
          atMost: 5,
          unit: 's',
          isTimed: true,
        },
      })
    },
  )
})

describe('a system that flaps', () => {
  // By a clock that passes faster, a call takes longer.
  beforeAll(() => start(TIMES, { deadlineMs: 20_000, shield: { slowMs: 19_000 } }))
  afterAll(stop)

  test('changes its breaker twice a minute at most', async () => {
    const changed: number[] = []
    const beganMs = clock.now()
    const isBadAt = (nowMs: number) => Math.floor((nowMs - beganMs) / PHASE_MS) % 2 === 1
    const load = startArrivals({
      perSecond: FLAPPING_PER_SECOND * TIMES,
      async ask(n) {
        failing.fail(isBadAt(clock.now()) ? '5xx' : null)
        const outcome = await outcomeOf(n)
        while (changed.length < changes()) changed.push(clock.now())
        return outcome
      },
    })
    await setTimeout(FLAPPING_MS / TIMES)
    // On a machine that is busy with other tests it takes longer.
    await until(() => changed.length >= LEAST_CHANGES, FLAPPING_MS)
    const arrivals = await load.stop()
    const endedMs = clock.now()

    /** Most that fall into one minute, wherever it begins. */
    const worst = (times: readonly number[]) =>
      Math.max(0, ...times.map(from => times.filter(at => at >= from && at < from + MINUTE_MS).length))
    // Until it opens again, soon after it closed, nobody can know that it flaps.
    const known = changed.slice(2)
    const phases = Math.floor((endedMs - beganMs) / PHASE_MS)
    report(
      13,
      {
        'flapping: times that it failed and came back': phases,
        'flapping: changes in the worst minute': { value: worst(known), atMost: 2 },
        'flapping: the same, before it was known to flap': worst(changed),
        'flapping: changes in all': changed.length,
        'flapping: minutes': (endedMs - beganMs) / MINUTE_MS,
        'flapping: wrong': wrongOf(arrivals),
      },
      [
        {
          title: `Calls of a system that fails and comes back every ${PHASE_MS / 1_000} s`,
          unit: '/s',
          points: countsPerSecond(failing.calls, { fromMs: beganMs, toMs: endedMs }),
          level: { label: 'asked', value: FLAPPING_PER_SECOND },
        },
      ],
    )
  }, 600_000)
})
