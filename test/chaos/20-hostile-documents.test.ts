import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, test } from '@jest/globals'
import { createRandom } from '../../demo/generator/random.ts'
import { loadSchema } from '../../src/graphql/schema.ts'
import { latency, startArrivals } from '../support/arrivals.ts'
import { outcomeOf } from '../support/client.ts'
import { exactly, quantile, report } from '../support/figures.ts'
import { SEED, sized } from '../support/form.ts'
import { describeWith } from '../support/needs.ts'
import { HOSTILE_REQUESTS } from './hostile-requests.ts'
import { type OneGateway, startOneGateway } from './one-gateway.ts'

/**
 * One partner sends nothing but what is made to cost, to crash or to spy, while another asks for its parts: each of it is
 * refused as the mistake that it is, quickly, and the other does not notice.
 */
const QUIET_MS = sized(700, 20_000)
const HOSTILE = HOSTILE_REQUESTS.length * sized(2, 20)
const PER_SECOND = 40
/** How often it is looked whether the process is there. */
const PULSE_MS = 20

const schema = await loadSchema(new URL('../../schema/', import.meta.url).pathname)
/** Names of the schema that could be no other word. */
const NAMES = new Set(
  Object.values(schema.getTypeMap())
    .flatMap(type => [type.name, ...('getFields' in type ? Object.keys(type.getFields()) : [])])
    .filter(name => /[a-z][A-Z]/.test(name) && !name.startsWith('__')),
)

describeWith(['postgres'], 'hostile documents among good traffic', () => {
  let one: OneGateway
  beforeAll(async () => {
    one = await startOneGateway()
  })
  afterAll(() => one?.stop(), 60_000)

  const question = { query: '{ part(partNumber: "LR106259") { partNumber description } }' }
  const startGood = () =>
    startArrivals({
      perSecond: PER_SECOND,
      ask: async () => outcomeOf(await one.client.ask(one.gateway.partners, { authorization: one.good, question })),
    })

  async function send(body: string) {
    const startedMs = performance.now()
    const response = await fetch(`${one.gateway.partners}/graphql`, {
      method: 'POST',
      headers: { authorization: one.hostile, 'content-type': 'application/json' },
      body,
    })
    const text = await response.text()
    return { status: response.status, text, tookMs: performance.now() - startedMs }
  }

  /** How long the process took to say that it is there: at least as long as its event loop stood still. */
  async function pulse(isOver: () => boolean): Promise<readonly number[]> {
    const tookMs: number[] = []
    while (!isOver()) {
      const startedMs = performance.now()
      await (await fetch(`${one.gateway.admin}/health/live`)).text()
      tookMs.push(performance.now() - startedMs)
      await setTimeout(PULSE_MS)
    }
    return tookMs
  }

  test('each is refused as a mistake, quickly and without a word of the schema, and the good do not notice', async () => {
    const quiet = startGood()
    await setTimeout(QUIET_MS)
    const before = await quiet.stop()

    const random = createRandom(SEED, 'hostile documents')
    let isOver = false
    const pulses = pulse(() => isOver)
    const good = startGood()
    const replies: { readonly what: string; readonly status: number; readonly tookMs: number }[] = []
    const leaks = new Set<string>()
    for (let n = 0; n < HOSTILE; n += 1) {
      const [what, make] = HOSTILE_REQUESTS[n % HOSTILE_REQUESTS.length] ?? ['', () => '']
      const body = make(random)
      const { status, text, tookMs } = await send(body)
      replies.push({ what, status, tookMs })
      for (const word of text.match(/\w+/g) ?? [])
        if (NAMES.has(word) && !body.includes(word)) leaks.add(`${what}: ${word}`)
      await setTimeout(1_000 / PER_SECOND)
    }
    isOver = true
    const [during, stoodStillMs] = [await good.stop(), await pulses]

    const unrefused = replies.filter(({ status }) => status < 400 || status > 499)
    const listed = (all: Iterable<string>) => [...new Set(all)].join(', ') || 'none'
    const slowest = replies.toSorted((a, b) => b.tookMs - a.tookMs)[0]
    const quietP99Ms = latency(before).p99Ms
    report(20, {
      'hostile documents': { value: replies.length, ...exactly(HOSTILE) },
      'of how many kinds': { value: HOSTILE_REQUESTS.length, atLeast: 40 },
      'answers that are not 4xx': { value: unrefused.length, ...exactly(0), of: replies.length },
      'which were': listed(unrefused.map(({ what, status }) => `${status} to ${what}`)),
      'schema names in errors': { value: leaks.size, ...exactly(0) },
      'which are': listed(leaks),
      'slowest refusal': { value: slowest?.tookMs ?? Number.NaN, atMost: 50, unit: 'ms', isTimed: true },
      'which it was to': slowest?.what ?? '',
      'p99 of refusals': {
        value: quantile(
          replies.map(({ tookMs }) => tookMs),
          0.99,
        ),
        unit: 'ms',
      },
      'longest event-loop delay, as health shows it': {
        value: Math.max(...stoodStillMs),
        atMost: 100,
        unit: 'ms',
        isTimed: true,
      },
      'good requests lost': {
        value: during.filter(({ outcome }) => outcome !== 'ANSWERED').length,
        ...exactly(0),
        of: during.length,
      },
      'good p99 before': { value: quietP99Ms, unit: 'ms' },
      'good p99 meanwhile': { value: latency(during).p99Ms, atMost: quietP99Ms * 1.2, unit: 'ms', isTimed: true },
    })
  }, 180_000)
})
