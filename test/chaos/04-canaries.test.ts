import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createRandom } from '../../demo/generator/random.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import { foreignCanaries, stamping } from '../properties/canaries.ts'
import { type Crowd, gatherCrowd } from '../support/crowd.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { createFaults } from '../support/faults.ts'
import { exactly, report } from '../support/figures.ts'
import { SEED, sized } from '../support/form.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { type Departure, hangUp } from '../support/hang-up.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { questionFor, RETAILERS, SUPPLIERS } from './owned-questions.ts'

/**
 * Nobody meets a value of somebody else: partners who ask the same words at once over the same connections, while every
 * fifth leaves in the middle, systems fail and change, and connections to the shared store are cut. Every value that
 * has an owner is stamped with it.
 */
const ANSWERS = sized(8_000, 1_000_000)
const AT_ONCE = 48
const HANGING_UP = 0.2
const FAILING = 0.01
const CUT_EVERY = 250
/** What is known of a system changes, so that all that was kept of it is out of reach at once. */
const CHANGE_EVERY = 1_000
/** Headers and the first bytes of a body. */
const HEAD_BYTES = 500

const CLIENTS = [...RETAILERS, ...SUPPLIERS] as const
const CANARY = /~[A-Za-z0-9]{8}~/

const random = createRandom(SEED, 'canaries')
const faults = createFaults()
let redis: RedisServer | null = null
let toRedis: FaultProxy | null = null
let gateway: DeclaredGateway
let crowd: Crowd
let bpnls: ReadonlyMap<string, string>

beforeAll(async () => {
  const binary = redisBinary()
  if (binary !== null) {
    redis = await startRedis(binary)
    toRedis = await startFaultProxy({ host: '127.0.0.1', port: redis.port })
  }
  gateway = await startGateway({
    connectors: configured => faults.lay(stamping(configured)),
    settings: {
      limits: { costPerMinute: 1_000_000_000 },
      warmUp: { questions: 0 },
      ...(toRedis && { sharedStore: { url: `redis://127.0.0.1:${toRedis.port}` } }),
    },
  })
  const { partners } = gateway.recovery.current().state
  bpnls = new Map([...partners.values()].flatMap(({ entry }) => entry.clients.map(client => [client, entry.bpnl])))
  // Whoever was never let in could leak nothing.
  for (const client of CLIENTS) gateway.grant(bpnlOf(client), { wave: 1 })
  const { state } = gateway.recovery.current()
  const open = SYSTEM_KEYS.map(key => [key, { ...state.systems[key], lifecycle: 'OPEN' }])
  gateway.recovery.declare({ ...state, systems: Object.fromEntries(open) })
  crowd = await gatherCrowd(gateway, { connections: AT_ONCE })
  faults.read = async (_relation, real) => {
    if (random.chance(FAILING)) throw new Error('the system is away')
    return real()
  }
})
afterAll(async () => {
  await crowd?.close()
  await gateway?.close()
  await toRedis?.close()
  await redis?.stop()
})

const bpnlOf = (client: string): string => bpnls.get(client) ?? ''

/** It stays open, in another epoch. */
function change(system: SystemKey): void {
  const { state } = gateway.recovery.current()
  const changed = { ...state.systems[system], workaround: `at ${gateway.reads.length} reads` }
  gateway.recovery.declare({ ...state, systems: { ...state.systems, [system]: changed } })
}

function departure(): Departure {
  switch (random.int(0, 4)) {
    case 0:
      return { after: 'request', share: random.unit() }
    case 1:
      return { after: 'request', share: 1 }
    case 2:
      return { after: 'answer', bytes: 1 }
    default:
      return { after: 'answer', bytes: random.int(1, HEAD_BYTES * 4) }
  }
}

test(`no value of another partner in ${ANSWERS} answers, whoever hangs up and whatever fails`, async () => {
  const seen = { asked: 0, whole: 0, own: 0, empty: 0, erroneous: 0, coded: 0, hungUp: 0, begun: 0, cuts: 0, lines: 0 }
  const foreign: string[] = []
  const by: Record<string, number> = {}

  const look = (where: string, client: string, text: string) => {
    const found = foreignCanaries(text, bpnlOf(client))
    if (found.length > 0) foreign.push(`${where} for ${client}: ${found.join()}`)
  }

  async function leave(client: string, body: string): Promise<void> {
    const headers = { authorization: await crowd.authorization(client), 'content-type': 'application/json' }
    const received = await hangUp({ url: crowd.url, headers, body }, departure())
    seen.hungUp += 1
    if (received !== '') seen.begun += 1
    look('what came before the end', client, received)
  }

  async function stay(client: string, question: ReturnType<typeof questionFor>): Promise<void> {
    const isCoded = random.chance(0.5)
    const { status, headers, text } = await crowd.ask(
      client,
      question,
      isCoded ? { 'accept-encoding': 'br, gzip' } : {},
    )
    seen.whole += 1
    if (headers['content-encoding'] !== undefined) seen.coded += 1
    look('headers', client, JSON.stringify(headers))
    look('answer', client, text)
    if (status !== 200 || text.includes('"errors"')) seen.erroneous += 1
    else if (CANARY.test(text)) seen.own += 1
    else seen.empty += 1
  }

  /** The log is looked through as it grows, and let go. */
  function lookThroughLog(): void {
    for (const line of gateway.logged.splice(0)) {
      seen.lines += 1
      if (typeof line.answer === 'string') by[line.answer] = (by[line.answer] ?? 0) + 1
      const text = JSON.stringify(line)
      if (CANARY.test(text)) foreign.push(`log: ${text}`)
    }
  }

  async function client(): Promise<void> {
    while (seen.asked < ANSWERS) {
      seen.asked += 1
      const name = random.pick(CLIENTS)
      // Half of the time what others ask just now, in the same words.
      const moment = createRandom(SEED, 'moment', Math.floor(seen.asked / AT_ONCE))
      const question = questionFor(name, random.chance(0.5) ? moment : random)
      if (seen.asked % CHANGE_EVERY === 0) {
        change(random.pick(SYSTEM_KEYS))
        lookThroughLog()
      }
      if (toRedis !== null && random.chance(1 / CUT_EVERY)) {
        seen.cuts += 1
        // Cuts all that are open; new ones pass.
        await toRedis.lay(null)
      }
      if (random.chance(HANGING_UP)) await leave(name, JSON.stringify(question))
      else await stay(name, question)
    }
  }

  const startedMs = performance.now()
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  lookThroughLog()
  const seconds = (performance.now() - startedMs) / 1_000
  expect(foreign.slice(0, 10)).toEqual([])
  // It says nothing unless canaries were there to be seen, on every road, while clients left and things broke.
  expect(seen.whole + seen.hungUp).toBe(seen.asked)
  expect(seen.own).toBeGreaterThan(ANSWERS / 3)
  expect(seen.hungUp).toBeGreaterThan(ANSWERS / 7)
  expect(seen.begun).toBeGreaterThan(ANSWERS / 20)
  expect(seen.coded).toBeGreaterThan(ANSWERS / 5_000)
  expect(seen.erroneous).toBeGreaterThan(ANSWERS / 100)
  expect(seen.lines).toBeGreaterThan(ANSWERS / 2)
  for (const road of ['HIT', 'MISS']) expect(by[road]).toBeGreaterThan(ANSWERS / 20)
  // Two must ask within the moment that the first is being answered.
  expect(by.SHARED).toBeGreaterThan(0)
  if (toRedis !== null) expect(seen.cuts).toBeGreaterThan(ANSWERS / CUT_EVERY / 4)
  report(4, {
    answers: { value: seen.asked, atLeast: ANSWERS },
    'foreign values': { value: foreign.length, ...exactly(0), of: seen.whole + seen.begun },
    'hung up early': { value: (seen.hungUp / seen.asked) * 100, unit: '%' },
    'store connections cut': seen.cuts,
    seen: JSON.stringify(seen),
    'by road': JSON.stringify(by),
    reads: gateway.reads.length,
    took: { value: seconds, unit: 's' },
  })
}, 3_600_000)
