import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PUBLIC_FACETS } from '../../../src/recovery/state.ts'
import { eventsOf, type Published, type PublishedGateway, startPublishedGateway } from './published.ts'

const RETAILER = 'sample-retailer'

let gateway: PublishedGateway
let aheadMs = 0
beforeAll(async () => {
  gateway = await startPublishedGateway({
    clock: { now: () => Date.now() + aheadMs },
    settings: { statusPage: { publicStreams: 2 }, limits: { streamsPerPartner: 1 } },
  })
})
afterAll(() => gateway.close())

async function follow(headers: Readonly<Record<string, string>> = {}) {
  const hangUp = new AbortController()
  const response = await fetch(`${gateway.url}/status/events`, { headers, signal: hangUp.signal })
  const events = eventsOf(response)
  return {
    response,
    next: async () => (await events.next()).value,
    /** Goes away, and waits until the gateway has noticed. */
    async [Symbol.asyncDispose]() {
      hangUp.abort()
      await endOf(response.headers.get('x-request-id'))
    },
  }
}

async function endOf(id: string | null): Promise<Readonly<Record<string, unknown>>> {
  for (;;) {
    const line = gateway.logged.find(({ requestId, stream }) => requestId === id && stream === 'ENDED')
    if (line !== undefined) return line
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

const bearer = async (scopes: readonly string[], lifetimeSeconds = 60) => ({
  authorization: `Bearer ${await gateway.issuer.sign({ clientId: RETAILER, scopes, lifetimeSeconds })}`,
})
async function etag(): Promise<string | null> {
  const answer = await gateway.get('/status/view')
  // Read to its end, so that the connection is free.
  await answer.text()
  return answer.headers.get('etag')
}
const current = () => gateway.recovery.current().state
const codeOf = async (answer: Published) => (await answer.json()).errors[0].extensions.code
describe('a stream without a token', () => {
  test('begins with the tag of the view, and says each new one', async () => {
    await using stream = await follow()
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    })
    expect(stream.response.headers.has('access-control-allow-origin')).toBe(false)
    expect(await stream.next()).toEqual({ event: 'view', data: await etag() })
    gateway.recovery.declare({ ...current(), headline: 'Something new.' })
    expect(await stream.next()).toEqual({ event: 'view', data: await etag() })
  })

  test('hears nothing of what is not public, and one event of what happens together', async () => {
    gateway.recovery.declare({ ...current(), publicFacets: ['RESTART'] })
    await using stream = await follow()
    await stream.next()
    const { PARTS_LOGISTICS } = current().systems
    gateway.recovery.declare({
      ...current(),
      updatedAt: new Date().toISOString(),
      systems: { ...current().systems, PARTS_LOGISTICS: { ...PARTS_LOGISTICS, workaround: 'Wait.' } },
    })
    await new Promise(resolve => setTimeout(resolve, 300))
    for (const headline of ['One.', 'Two.', 'Three.']) gateway.recovery.declare({ ...current(), headline })
    expect(await stream.next()).toEqual({ event: 'view', data: await etag() })
    gateway.recovery.declare({ ...current(), publicFacets: PUBLIC_FACETS })
    expect(await stream.next()).toEqual({ event: 'view', data: await etag() })
  })

  test('is refused where as many are open as may be, with a time to come back, and has its place again later', async () => {
    const streams = await Promise.all([follow(), follow()])
    const refused = await gateway.get('/status/events')
    expect([refused.status, await codeOf(refused)]).toEqual([503, 'OVERLOADED'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(30)
    expect((await gateway.get('/status/view')).status).toBe(200)
    for (const stream of streams) await stream[Symbol.asyncDispose]()
    await using again = await follow()
    expect(again.response.status).toBe(200)
  })

  test('leaves a line where it begins and one where it has ended', async () => {
    const stream = await follow()
    await stream.next()
    await stream[Symbol.asyncDispose]()
    const id = stream.response.headers.get('x-request-id')
    const lines = gateway.logged.filter(({ requestId, route }) => requestId === id && route === '/status/events')
    expect(lines).toMatchObject([
      { stream: 'BEGAN', status: 200 },
      { stream: 'ENDED', events: 1, why: 'CLIENT_LEFT' },
    ])
    expect(lines[0]).not.toHaveProperty('partner')
  })
})

describe('a stream with a token', () => {
  test('says that something has changed, and never what; also of what is not public', async () => {
    await using stream = await follow(await bearer(['restart:read']))
    gateway.recovery.declare({ ...current(), updatedAt: '2025-10-08T06:00:00.000Z' })
    expect(await stream.next()).toEqual({ event: 'changed', data: '{}' })
  })

  test('hears nothing of the rights of others, and ends when its own change', async () => {
    await using stream = await follow(await bearer(['restart:read']))
    const partners = [...current().partners.values()].map(({ entry }) => entry)
    const other = partners.find(({ clients }) => !clients.includes(RETAILER))
    const own = partners.find(({ clients }) => clients.includes(RETAILER))
    gateway.grant(other?.bpnl ?? '', { name: 'Another name' })
    gateway.grant(own?.bpnl ?? '', { wave: 2 })
    expect(await stream.next()).toBeUndefined()
    gateway.grant(own?.bpnl ?? '', { wave: own?.wave ?? null })
  })

  test.each([
    ['a token that is none', async () => ({ authorization: 'Bearer a.b.c' }), 401, 'UNAUTHENTICATED'],
    ['a token without the scope', () => bearer(['parts:read']), 403, 'FORBIDDEN'],
    ['another form than events', async () => ({ accept: 'application/json' }), 406, 'NOT_ACCEPTABLE'],
  ])('is refused with %s', async (_, headers, status, code) => {
    const answer = await gateway.get('/status/events', await headers())
    expect([answer.status, await codeOf(answer)]).toEqual([status, code])
  })

  test('ends with its token', async () => {
    await using stream = await follow(await bearer(['restart:read'], 600))
    aheadMs += 700_000
    gateway.recovery.declare({ ...current(), updatedAt: '2025-10-08T07:00:00.000Z' })
    expect(await stream.next()).toBeUndefined()
    expect(await endOf(stream.response.headers.get('x-request-id'))).toMatchObject({ events: 0, why: 'TOKEN_EXPIRED' })
  })

  test('has as many places for a partner as its subscriptions have', async () => {
    await using _ = await follow(await bearer(['restart:read']))
    const refused = await gateway.get('/status/events', await bearer(['restart:read']))
    expect([refused.status, await codeOf(refused)]).toEqual([429, 'RATE_LIMITED'])
  })
})

test('a stream without a token ends after 10 to 15 minutes, so that its page comes back, and maybe to another instance', async () => {
  const streams = await Promise.all([follow(), follow()])
  for (const stream of streams) await stream.next()
  aheadMs += 595_000
  gateway.recovery.declare({ ...current(), headline: 'Ten minutes, nearly.' })
  for (const { next } of streams) expect(await next()).toMatchObject({ event: 'view' })
  aheadMs += 306_000
  gateway.recovery.declare({ ...current(), headline: 'Fifteen minutes.' })
  for (const { next, response } of streams) {
    expect(await next()).toBeUndefined()
    expect(await endOf(response.headers.get('x-request-id'))).toMatchObject({ why: 'TOO_OLD' })
  }
})

test('every stream ends when the gateway stops', async () => {
  await using anybody = await follow()
  await using partner = await follow(await bearer(['restart:read']))
  await anybody.next()
  await gateway.app.partners.drain()
  expect([await anybody.next(), await partner.next()]).toEqual([undefined, undefined])
})
