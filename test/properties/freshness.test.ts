import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import type { Connector, Reading } from '../../src/systems/connector.ts'
import { ALL_SCOPES, type DeclaredGateway, startGateway } from '../support/gateway.ts'

/**
 * What is kept as finished bytes says truly how old it is, as a property: in whatever order partners ask, time passes, the
 * data changes and so does the restart, an answer is what the data was not longer ago than its `max-age`, its `Age` is never
 * less than the time since it was read, and 304 stands for the very bytes that the tag came with.
 */
const RUNS = Number(process.env.FRESHNESS_RUNS ?? 500)

const PART = 'part(partNumber: "LR071050") { description }'
const QUESTIONS = [
  { client: 'sample-retailer', query: `{ ${PART} }`, showsRestart: false },
  {
    client: 'sample-supplier',
    query: '{ supplierInvoices(first: 3) { edges { node { paymentTerms } } } }',
    showsRestart: false,
  },
  {
    client: 'sample-retailer',
    query: `{ ${PART} partAvailability(partNumbers: ["LR106259"]) { part { description } } }`,
    showsRestart: false,
  },
  { client: 'sample-internal', query: `{ restartStatus { headline } ${PART} }`, showsRestart: true },
] as const
type Asked = (typeof QUESTIONS)[number]
const LONG_SECONDS = 4_000

const STAMPED: Readonly<Record<string, string>> = { part: 'description', supplier_invoice: 'paymentTerms' }
/** Of the data, and of the restart's headline. */
let version = 0
let headline = 0
let nowMs = Date.now()

let gateway: DeclaredGateway
beforeAll(async () => {
  gateway = await startGateway({
    clock: { now: () => nowMs },
    connectors: versioned,
    settings: { limits: { costPerMinute: 1_000_000_000 }, fieldCache: { entries: 0 }, warmUp: { questions: 0 } },
  })
})
afterAll(() => gateway.close())

/** Every row says which version of the data it was read from. */
function versioned(connectors: Readonly<Record<SystemKey, Connector>>): Readonly<Record<SystemKey, Connector>> {
  const stamp = <R extends Reading>(relation: string, reading: R): R => {
    const column = STAMPED[relation]
    if (column === undefined) return reading
    return { ...reading, rows: reading.rows.map(row => ({ ...row, [column]: `version ${version}` })) }
  }
  const all = SYSTEM_KEYS.map((key): [SystemKey, Connector] => {
    const connector = connectors[key]
    return [
      key,
      {
        ...connector,
        lookup: async (relation, query, signal) =>
          stamp(relation.name, await connector.lookup(relation, query, signal)),
        page: async (relation, query, signal) => stamp(relation.name, await connector.page(relation, query, signal)),
      },
    ]
  })
  return Object.fromEntries(all) as Record<SystemKey, Connector>
}

const question = fc.constantFrom(...QUESTIONS)
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('post' as const, 'get' as const), question }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('get if changed' as const), question }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        ms: fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 20_000 }), fc.nat(3_700_000)),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('data changes' as const, 'restart changes' as const) }) },
  ),
  { minLength: 4, maxLength: 25 },
)

test(`an answer is as old as it says, and 304 stands for the same bytes (${RUNS} runs)`, async () => {
  const seen = { read: 0, kept: 0, outdated: 0, unchanged: 0, changed: 0 }
  await fc.assert(
    fc.asyncProperty(steps, async taken => {
      nowMs += LONG_SECONDS * 1_000
      const run = await startRun(seen)
      for (const step of taken) {
        switch (step.kind) {
          case 'wait':
            nowMs += step.ms
            break
          case 'data changes':
            version++
            break
          case 'restart changes':
            headline++
            gateway.recovery.declare({ ...gateway.recovery.current().state, headline: `headline ${headline}` })
            break
          default:
            await run[step.kind](step.question)
        }
      }
    }),
    { numRuns: RUNS, ...(process.env.FRESHNESS_SEED ? { seed: Number(process.env.FRESHNESS_SEED) } : {}) },
  )
  // The property says nothing if nothing was kept, grew old or was asked for again by its tag.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(RUNS / 50)
}, 300_000)

interface Came {
  readonly status: number
  readonly text: string
  readonly etag: string | undefined
}

/** What one run knows of each question: when its answer was last read, and the text of every tag. */
async function startRun(seen: { read: number; kept: number; outdated: number; unchanged: number; changed: number }) {
  const readMs = new Map<Asked, number>()
  const textOf = new Map<string, string>()
  const lastTag = new Map<Asked, string>()
  const tokens = new Map<string, string>()
  for (const { client } of QUESTIONS)
    if (!tokens.has(client))
      tokens.set(
        client,
        await gateway.issuer.sign({ clientId: client, scopes: ALL_SCOPES, lifetimeSeconds: 24 * LONG_SECONDS }),
      )

  async function ask(asked: Asked, method: 'GET' | 'POST', ifNoneMatch?: string): Promise<Came> {
    const { client, query } = asked
    gateway.reads.length = 0
    const response = await gateway.app.partners.inject({
      method,
      url: method === 'GET' ? `/graphql?${new URLSearchParams({ query })}` : '/graphql',
      headers: {
        host: 'gateway.test',
        authorization: `Bearer ${tokens.get(client)}`,
        ...(method === 'POST' && { 'content-type': 'application/json' }),
        ...(ifNoneMatch !== undefined && { 'if-none-match': ifNoneMatch }),
      },
      ...(method === 'POST' && { payload: JSON.stringify({ query }) }),
    })
    const wasRead = gateway.reads.length > 0
    if (wasRead) readMs.set(asked, nowMs)
    seen[wasRead ? 'read' : 'kept']++
    const { headers, payload: text, statusCode: status } = response
    checkAge(asked, String(headers['cache-control']), Number(headers.age ?? 0))
    const etag = headers.etag === undefined ? undefined : String(headers.etag)
    if (status === 200) checkText(asked, text, wasRead)
    else expect([status, text, etag]).toEqual([304, '', ifNoneMatch])
    return { status, text, etag }
  }

  function checkAge(asked: Asked, cacheControl: string, ageSeconds: number): void {
    const maxAgeSeconds = Number(/^private, max-age=(\d+)$/.exec(cacheControl)?.[1])
    const oldMs = nowMs - (readMs.get(asked) ?? Number.NaN)
    expect(maxAgeSeconds).toBeGreaterThan(0)
    // What is not a number is not less than anything: kept although it was never read.
    expect(oldMs).toBeLessThanOrEqual(ageSeconds * 1_000)
    expect(ageSeconds).toBeLessThanOrEqual(maxAgeSeconds)
  }

  /** The version that each text was read from is known by when it was read. */
  const versionRead = new Map<Asked, number>()
  function checkText(asked: Asked, text: string, wasRead: boolean): void {
    if (wasRead) versionRead.set(asked, version)
    expect(text).not.toContain('"errors"')
    const versions = new Set([...text.matchAll(/version (\d+)/g)].map(([, number]) => Number(number)))
    expect([...versions]).toEqual([versionRead.get(asked)])
    if (versionRead.get(asked) !== version) seen.outdated++
    // What the gateway itself knows is never outdated.
    if (asked.showsRestart && headline > 0) expect(text).toContain(`"headline ${headline}"`)
  }

  function tag(asked: Asked, { etag, text }: Came): void {
    if (etag === undefined) return
    textOf.set(etag, text)
    lastTag.set(asked, etag)
  }

  return {
    post: async (asked: Asked) => void (await ask(asked, 'POST')),
    get: async (asked: Asked) => tag(asked, await ask(asked, 'GET')),
    async 'get if changed'(asked: Asked) {
      const known = lastTag.get(asked)
      if (known === undefined) return
      const came = await ask(asked, 'GET', known)
      const whole = came.status === 304 ? await ask(asked, 'GET') : came
      if (came.status === 304) expect(whole.text).toBe(textOf.get(known))
      // Made by the protocol, it has no tag and is whole.
      else if (came.etag !== undefined) expect(came.text).not.toBe(textOf.get(known))
      seen[came.status === 304 ? 'unchanged' : 'changed']++
      tag(asked, whole)
    },
  }
}
