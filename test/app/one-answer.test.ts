import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { getNamedType, isObjectType } from 'graphql'
import { Redis } from 'ioredis'
import { loadSchema } from '../../src/graphql/schema.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { type Crowd, gatherCrowd, type Received } from '../support/crowd.ts'
import { exactly, report } from '../support/figures.ts'
import { ALL_SCOPES, type DeclaredGateway, startGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { questionOfEverything, typesBelow } from './every-field.ts'

/**
 * One question has one answer, by whatever road it comes: made by the protocol, made by the short way, kept as finished
 * bytes and sent through the framework or past it, put together from records in memory, or from another instance's records.
 * For every root field with all that is below it, and so for every type.
 */
const ROOTS: readonly (readonly [client: string, root: string])[] = [
  ['sample-internal', 'restartStatus'],
  ...SYSTEM_KEYS.map(key => ['sample-internal', `restoredSystem(key: ${key})`] as const),
  ['sample-retailer', 'part(partNumber: "LR071050")'],
  ['sample-retailer', 'partAvailability(partNumbers: ["LR106259", "LR071050", "NONE", "LR453679"])'],
  ['sample-retailer', 'partsOrderLines(first: 20)'],
  ['sample-supplier', 'supplierInvoices(first: 10)'],
  ['sample-supplier', 'supplierInvoiceByReference(supplierInvoiceReference: "AL-020018")'],
  ['sample-supplier', 'supplierPayments(first: 10)'],
  ['sample-supplier', 'supplierPosition'],
  ['sample-retailer', 'vehicleWholesales(first: 10)'],
  ['sample-retailer', 'vehicleWholesale(vin: "SALCA3EF5SH104729")'],
  ['sample-internal', 'productionSchedule(first: 10)'],
  ['sample-supplier', 'materialDemands(first: 10)'],
  ['sample-retailer', 'vehicleBuild(vin: "SALWA9AW9TA426326")'],
]

const schema = await loadSchema(new URL('../../schema/', import.meta.url).pathname)
const HANDLER = 'tracing:fastify.request.handler:start'
const STEP_SECONDS = 2
/** What must be the same of an answer, whoever sends it. */
const SAME_HEADERS = ['content-type', 'vary', 'cache-control', 'x-content-type-options']

let nowMs = Date.now()
/** Requests that the framework has handled. */
let handled = 0
const count = () => {
  handled += 1
}
const settings = { limits: { operationCost: 10_000_000, costPerMinute: 1_000_000_000 }, warmUp: { questions: 0 } }
const noAnswers = { responseCache: { bytes: 0, questionBytes: 1_000_000 } }
let redis: RedisServer | null = null
/** Keeps answers, but no records: what is not a finished answer is read. */
let answering: DeclaredGateway
/** Keeps records, but no answers. */
let remembering: DeclaredGateway
/** The same, with a shared store: the first fills it, and the second finds what it holds. */
let sharing: readonly DeclaredGateway[] = []
let crowd: Crowd

beforeAll(async () => {
  subscribe(HANDLER, count)
  const binary = redisBinary()
  if (binary !== null) redis = await startRedis(binary)
  answering = await start({ ...settings, fieldCache: { entries: 0 } })
  remembering = await start({ ...settings, ...noAnswers })
  const { url } = redis ?? {}
  // A busy machine must not make the store look away.
  const sharedStore = { url, commandTimeoutMs: 2_000 }
  if (url !== undefined)
    sharing = [
      await start({ ...settings, ...noAnswers, sharedStore }),
      await start({ ...settings, ...noAnswers, sharedStore }),
    ]
  crowd = await gatherCrowd(answering)
})
afterAll(async () => {
  unsubscribe(HANDLER, count)
  await crowd?.close()
  for (const gateway of [answering, remembering, ...sharing]) await gateway?.close()
  await redis?.stop()
})

/** With every system open, and all scopes granted to those who ask. */
async function start(laid: NonNullable<TestGatewayOptions['settings']>): Promise<DeclaredGateway> {
  const gateway = await startGateway({ clock: { now: () => nowMs }, settings: laid })
  const { state } = gateway.recovery.current()
  const open = SYSTEM_KEYS.map(key => [key, { ...state.systems[key], lifecycle: 'OPEN' }])
  gateway.recovery.declare({ ...state, systems: Object.fromEntries(open) })
  const clients = new Set(ROOTS.map(([client]) => client))
  for (const { entry } of state.partners.values())
    if (entry.clients.some(client => clients.has(client))) gateway.grant(entry.bpnl, { scopes: ALL_SCOPES })
  return gateway
}

/** No answer waits for a write: resolves when the store has had nothing new for a while. */
async function shared(): Promise<void> {
  const client = new Redis(redis?.url ?? '')
  let known = -1
  for (let quiet = 0; quiet < 10; quiet++) {
    const size = await client.dbsize()
    if (size !== known) quiet = 0
    known = size
    await setTimeout(10)
  }
  client.disconnect()
}

interface Way {
  readonly name: string
  /** By the line in the log. */
  readonly by: string
  readonly reads: number
  readonly isHandled: boolean
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly ageSeconds: number
}

/** Asks, and gives what came with what the gateway says of how it came. */
async function by(
  name: string,
  gateway: DeclaredGateway,
  ask: () => Promise<Received | Awaited<ReturnType<DeclaredGateway['ask']>>>,
): Promise<Way> {
  gateway.reads.length = 0
  gateway.logged.length = 0
  const before = handled
  const { headers, text } = await ask()
  await loggedBy(gateway)
  const line = gateway.logged.find(({ message }) => message === 'request')
  return {
    name,
    by: String(line?.answer),
    reads: gateway.reads.length,
    isHandled: handled > before,
    text,
    headers: Object.fromEntries(SAME_HEADERS.map(header => [header, headers[header]])),
    ageSeconds: Number(headers.age ?? 0),
  }
}

/** The line is written when the connection lets go of the answer, which may be after the client has it. */
async function loggedBy({ logged }: DeclaredGateway): Promise<void> {
  while (!logged.some(({ message }) => message === 'request')) await new Promise(resolve => setImmediate(resolve))
}

const typesSeen = new Set<string>()
/** Answers that were the same as the first to their question, by the road that they came. */
const sameBy = new Map<string, number>()

describe.each(ROOTS)('%s asks for all of %s', (client, root) => {
  const question = { query: questionOfEverything(schema, root) }
  const maxAge = (headers: Way['headers']) => Number(/max-age=(\d+)/.exec(String(headers['cache-control']))?.[1])
  const ways: Way[] = []
  const later = () => {
    nowMs += STEP_SECONDS * 1_000
  }
  test('and every road leads to the same bytes and headers', async () => {
    const inject = (gateway: DeclaredGateway) => () => gateway.ask(client, question)
    ways.push(await by('protocol', answering, inject(answering)))
    ways.push(await by('short way', answering, inject(answering)))
    later()
    ways.push(await by('answer, by the framework', answering, inject(answering)))
    // So that the token of its connections is known.
    ways.push(await by('answer, over a socket', answering, () => crowd.ask(client, question)))
    ways.push(await by('answer, by the express lane', answering, () => crowd.ask(client, question)))
    ways.push(await by('records to keep', remembering, inject(remembering)))
    ways.push(await by('records in memory', remembering, inject(remembering)))
    const [first, second] = sharing
    if (first && second) {
      ways.push(await by('records to share', first, inject(first)))
      await shared()
      ways.push(await by('records of another', second, inject(second)))
    }

    const [{ text = '', headers } = { headers: {} }] = ways
    const { data, errors } = JSON.parse(text)
    expect(errors).toBeUndefined()
    expect(Object.values(data)).not.toContain(null)
    for (const [, name] of text.matchAll(/"__typename":"(\w+)"/g)) typesSeen.add(name ?? '')
    for (const way of ways) {
      expect([way.name, way.text]).toEqual([way.name, text])
      expect([way.name, way.headers]).toEqual([way.name, headers])
      sameBy.set(way.name, (sameBy.get(way.name) ?? 0) + 1)
    }
  })

  test('and they were those roads', () => {
    const isRead = !root.startsWith('rest')
    expect(ways.slice(0, 7).map(way => [way.name, way.by, way.reads > 0])).toEqual([
      ['protocol', 'PROTOCOL', isRead],
      ['short way', 'MISS', isRead],
      ['answer, by the framework', 'HIT', false],
      ['answer, over a socket', 'HIT', false],
      ['answer, by the express lane', 'HIT', false],
      ['records to keep', 'PROTOCOL', isRead],
      ['records in memory', 'SKIPPED', false],
    ])
    expect(ways[2]?.isHandled).toBe(true)
    expect(ways[4]?.isHandled).toBe(false)
    const [sharer, another] = ways.slice(7)
    if (sharer === undefined || another === undefined) return
    expect([sharer.by, sharer.reads > 0, another.by]).toEqual(['PROTOCOL', isRead, 'PROTOCOL'])
    // That there is no such record is not shared: each instance asks for itself.
    if (isRead) expect(another.reads).toBeLessThan(sharer.reads)
  })

  test('and says no road to be fresher than it is', () => {
    // Not 0 where a part of it keeps for less than the rest, such as that there is no such record.
    const [{ ageSeconds: made, headers } = { ageSeconds: Number.NaN, headers: {} }] = ways
    expect(made + STEP_SECONDS).toBeLessThan(maxAge(headers))
    for (const { name, ageSeconds } of ways)
      if (name.startsWith('record')) {
        // Two roots have records in common, which the first may have read.
        expect(ageSeconds).toBeGreaterThanOrEqual(made)
        expect(ageSeconds).toBeLessThanOrEqual(maxAge(headers))
      } else expect([name, ageSeconds]).toEqual([name, name.startsWith('answer') ? made + STEP_SECONDS : made])
  })

  test('and with GET gets the same, with a tag, and 304 for the tag', async () => {
    const text = ways[0]?.text ?? ''
    await crowd.get(client, question)
    const whole = await crowd.get(client, question)
    expect([whole.status, whole.text]).toEqual([200, text])
    for (const header of SAME_HEADERS) expect(whole.headers[header]).toBe(ways[0]?.headers[header])
    const { etag } = whole.headers
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/)
    later()
    const known = await crowd.get(client, question, { 'if-none-match': `W/"another", ${String(etag)}` })
    expect([known.status, known.text, known.headers.etag]).toEqual([304, '', etag])
    for (const header of ['vary', 'cache-control']) expect(known.headers[header]).toBe(whole.headers[header])
    expect(Number(known.headers.age)).toBe(Number(whole.headers.age) + STEP_SECONDS)
    const other = await crowd.get(client, question, { 'if-none-match': 'W/"another"' })
    expect([other.status, other.text, other.headers.etag]).toEqual([200, text, etag])
  })
})

/** Of the gateway's own state, which no cache of records holds; a restart that is declared has no statements to show. */
const OF_STATEMENTS = ['RecoveryEvidence', 'Suspension', 'GuardResult']

test('every type of the schema was in an answer', () => {
  const asked = Object.values(schema.getQueryType()?.getFields() ?? {})
    .filter(({ name }) => name !== 'viewer')
    .map(field => getNamedType(field.type))
    .filter(isObjectType)
  const types = typesBelow(asked)
  expect([...types].filter(type => !typesSeen.has(type))).toEqual(OF_STATEMENTS)
  report(6, {
    'types in answers': { value: typesSeen.size, atLeast: types.size - OF_STATEMENTS.length },
    'types that there are': types.size,
    questions: ROOTS.length,
    ...Object.fromEntries(
      [...sameBy].map(([road, same]) => [`same bytes, ${road}`, { value: same, ...exactly(ROOTS.length) }]),
    ),
  })
})
