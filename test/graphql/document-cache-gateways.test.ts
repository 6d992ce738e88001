import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type DeclaredGateway, type Question, startGateway } from '../support/gateway.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { GATEWAY_USER, until, urlAs } from '../support/shared-store.ts'

const binary = redisBinary()
const withRedis = binary === null ? describe.skip : describe
const BUDGET = '{ viewer { budget { costRemaining } } }'
/** The least that the configuration allows. */
const DOCUMENT_BYTES = 1_048_576

withRedis('persisted documents of two gateways over one shared store', () => {
  let redis: RedisServer
  let first: DeclaredGateway
  let second: DeclaredGateway
  beforeAll(async () => {
    redis = await startRedis(binary ?? '', { users: [GATEWAY_USER] })
    const url = urlAs('gateway', 'not-a-secret', redis.url)
    const settings = { sharedStore: { url, commandTimeoutMs: 500, documentBytes: DOCUMENT_BYTES } }
    ;[first, second] = await Promise.all([startGateway({ settings }), startGateway({ settings })])
    await until(() =>
      [first, second].every(({ logged }) => JSON.stringify(logged).includes('the shared store answers')),
    )
  })
  afterAll(async () => {
    await Promise.all([first?.close(), second?.close()])
    await redis?.stop()
  })

  /** What a question may hold instead of its text, or beside it. */
  const hashed = (query: string): object => ({
    extensions: { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } },
  })
  const register = (client: string, query: string) => first.ask(client, { query, ...hashed(query) })
  const askByHash = (client: string, query: string) => second.ask(client, hashed(query) as Question)
  const documentsKept = () => redis.run('KEYS', '*:text:*').split('\n').filter(Boolean).length
  const left = async (client: string) =>
    (await second.ask(client, { query: BUDGET })).body.data.viewer.budget.costRemaining

  test('are registered with one and asked by their hash of the other', async () => {
    const query = '{ viewer { partner { bpnl } } }'
    expect((await askByHash('sample-internal', query)).body.errors[0].extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND')
    const { body } = await register('sample-internal', query)
    await until(() => documentsKept() === 1)
    expect((await askByHash('sample-internal', query)).body).toEqual(body)
  })

  test('cost whoever registers them, and fill no more than his share of the store', async () => {
    const before = await left('sample-retailer')
    for (let n = 0; n < 10; n++)
      expect((await register('sample-retailer', `{ __typename } #${n}${'x'.repeat(20_000)}`)).status).toBe(200)
    await until(() => first.counters.prometheus().includes('unshared_total{kind="document",reason="full"} 7'))
    // The one of before, and three of this partner.
    expect(documentsKept()).toBe(4)
    expect(before - (await left('sample-retailer'))).toBeGreaterThanOrEqual(10 * 22)

    const query = '{ viewer { scopes } }'
    await register('sample-supplier', query)
    await until(() => documentsKept() === 5)
    expect((await askByHash('sample-supplier', query)).body.data.viewer.scopes).toEqual(expect.any(Array))
  })
})
