import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { request } from 'undici'
import { type Crowd, gatherCrowd, type Received } from '../support/crowd.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'

/**
 * What a partner is told of its budget, and what is taken from it, whatever road its answer took: over real sockets, so that
 * the short ways are among them.
 */
const CLIENT = 'sample-retailer'
const BPNL = 'BPNL00000R000121'
const LIMIT = 600_000
const REPORT = { 'graphql-cost': 'report' }
const BUDGET = '{ viewer { budget { costLimit costRemaining resetsAt } } }'
const part = (partNumber: string) => ({ query: `{ part(partNumber: "${partNumber}") { partNumber } }` })

let gateway: DeclaredGateway
let crowd: Crowd
let nowMs = Date.now()
beforeAll(async () => {
  gateway = await startGateway({ settings: { warmUp: { questions: 0 } }, clock: { now: () => nowMs } })
  crowd = await gatherCrowd(gateway)
})
afterAll(async () => {
  await crowd?.close()
  await gateway?.close()
})

/** A minute in which nothing has been spent. */
function beginMinute(): void {
  nowMs += 60_000
}

const remainingIn = ({ headers }: Received) => Number(/^"cost";r=(\d+);t=\d+$/.exec(String(headers.ratelimit))?.[1])

describe('the fields of the rate limit', () => {
  test('stand on every answer to a partner, and fall by what each cost', async () => {
    beginMinute()
    const asked = part('LR106259')
    const made = await crowd.ask(CLIENT, asked)
    const hit = await crowd.ask(CLIENT, asked)
    const got = await crowd.get(CLIENT, asked)
    const known = await crowd.get(CLIENT, asked, { 'if-none-match': String(got.headers.etag) })
    const refused = await crowd.ask(CLIENT, { query: '{ part(partNumber: 1) { partNumber } }' })
    const unread = await crowd.ask(CLIENT, { query: '{' })
    const answers = [made, hit, got, known, refused, unread]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 304, 400, 400])
    for (const { headers } of answers) expect(headers['ratelimit-policy']).toBe(`"cost";q=${LIMIT};w=60`)
    const left = answers.map(remainingIn)
    const cost = LIMIT - (left[0] ?? 0)
    expect(cost).toBeGreaterThan(0)
    const paid = [cost, 2 * cost, 3 * cost, 4 * cost, 4 * cost + 50, 4 * cost + 100]
    expect(left).toEqual(paid.map(sum => LIMIT - sum))
  })

  test('say when the minute ends', async () => {
    beginMinute()
    expect((await crowd.ask(CLIENT, { query: BUDGET })).headers.ratelimit).toMatch(/;t=60$/)
    nowMs += 17_500
    expect((await crowd.ask(CLIENT, { query: BUDGET })).headers.ratelimit).toMatch(/;t=43$/)
  })

  test('are nothing that a stranger is told', async () => {
    const { status, headers } = await crowd.ask(CLIENT, part('LR106259'), { authorization: 'Bearer none' })
    expect([status, headers.ratelimit, headers['ratelimit-policy']]).toEqual([401, undefined, undefined])
  })
})

describe('the report of the cost', () => {
  const asked = { query: '{ part(partNumber: "LR071050") { partNumber description } }' }

  async function reported(ask: () => Promise<Received>) {
    const answer = await ask()
    const { data } = JSON.parse((await crowd.ask(CLIENT, { query: BUDGET })).text)
    const { budget } = data.viewer
    return { ...answer, json: JSON.parse(answer.text), budget }
  }

  test.each([
    ['the protocol', () => crowd.ask(CLIENT, asked, REPORT)],
    ['a hit', () => crowd.ask(CLIENT, asked, REPORT)],
    ['a hit by its URL', () => crowd.get(CLIENT, asked, REPORT)],
    ['an execution', () => crowd.ask(CLIENT, { ...asked, variables: {} }, REPORT)],
  ])('by %s says what viewer { budget } says, of the same moment', async (_, ask) => {
    beginMinute()
    const { status, headers, json, budget } = await reported(ask)
    const { operationCost, ...left } = json.extensions.cost
    expect([status, headers['cache-control']]).toEqual([200, 'no-store'])
    expect(operationCost).toBeGreaterThan(0)
    // That asking for the budget costs, too, is the difference.
    expect(left).toEqual({ ...budget, costRemaining: LIMIT - operationCost })
    expect(budget.costRemaining).toBe(LIMIT - operationCost - 2)
    expect(Number(headers['content-length'])).toBe(Buffer.byteLength(JSON.stringify(json)))
  })

  test('leaves the answer as it is otherwise, and nobody else has it', async () => {
    const plain = JSON.parse((await crowd.ask(CLIENT, asked)).text)
    const { extensions: _, ...rest } = JSON.parse((await crowd.ask(CLIENT, asked, REPORT)).text)
    expect(rest).toEqual(plain)
    expect(JSON.parse((await crowd.ask(CLIENT, asked)).text)).toEqual(plain)
    expect(JSON.parse((await crowd.ask(CLIENT, asked, { 'graphql-cost': 'yes' })).text)).toEqual(plain)
  })

  test('of a refused document has no cost of an operation', async () => {
    const { json } = await reported(() => crowd.ask(CLIENT, { query: '{ nothing }' }, REPORT))
    expect(json.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(json.extensions.cost).toMatchObject({ operationCost: null, costLimit: LIMIT })
  })
})

describe('a flood of what is refused', () => {
  const unknown = { persistedQuery: { version: 1, sha256Hash: 'f'.repeat(64) } }

  test.each([
    ['a document that is not GraphQL', { query: '{' }],
    ['one that does not fit the schema', { query: '{ nothing }' }],
    ['the hash of none', { extensions: unknown } as unknown as { query: string }],
    ['no request', [] as unknown as { query: string }],
  ])('%s: spends the budget of its partner, and then is not read any more', async (_, question) => {
    gateway.grant(BPNL, { limits: { costPerMinute: 120 } })
    beginMinute()
    const answers: Received[] = []
    for (let n = 0; n < 5; n += 1) answers.push(await crowd.ask(CLIENT, question))
    const first = answers[0]?.status
    expect(answers.map(({ status }) => status)).toEqual([first, first, first, 429, 429])
    expect(answers.map(remainingIn)).toEqual([70, 20, 0, 0, 0])
    const known = await crowd.ask(CLIENT, { query: BUDGET })
    expect(known.status).toBe(429)
    expect(Number(known.headers['retry-after'])).toBeGreaterThanOrEqual(60)
    beginMinute()
    expect((await crowd.ask(CLIENT, question)).status).toBe(first)
  })

  test.each([
    ['a document that is not GraphQL', { query: '{' }],
    ['one that does not fit the schema', { query: 'subscription { nothing }' }],
    ['a query', { query: BUDGET }],
    ['no request', []],
  ])('%s: does so where a stream is asked for, too', async (_, question) => {
    gateway.grant(BPNL, { limits: { costPerMinute: 120 } })
    beginMinute()
    const statuses: number[] = []
    for (let n = 0; n < 5; n += 1) statuses.push(await askForStream(question))
    expect(statuses).toEqual([400, 400, 400, 429, 429])
    expect((await crowd.ask(CLIENT, { query: BUDGET })).status).toBe(429)
  })
})

async function askForStream(question: object): Promise<number> {
  const { statusCode, body } = await request(`${crowd.url}/graphql/stream`, {
    method: 'POST',
    headers: {
      authorization: await crowd.authorization(CLIENT),
      accept: 'text/event-stream',
      'content-type': 'application/json',
    },
    body: JSON.stringify(question),
  })
  await body.dump()
  return statusCode
}
