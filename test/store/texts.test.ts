import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { MAX_TEXT_BYTES, StoreUnavailable } from '../../src/store/shared-store.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { openedStore, type TestStore, until } from '../support/shared-store.ts'
import { type FitfulRedis, startFitfulRedis } from './fitful-redis.ts'

const binary = redisBinary()
const withRedis = binary === null ? describe.skip : describe
const LARGEST = 'x'.repeat(MAX_TEXT_BYTES)
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

withRedis('the texts of a shared store', () => {
  let redis: RedisServer
  let fitful: FitfulRedis
  const stores: TestStore[] = []
  const open = async (settings: Partial<Parameters<typeof openedStore>[0]> = {}) => {
    const store = await openedStore({ url: redis.url, commandTimeoutMs: 500, ...settings })
    stores.push(store)
    return store
  }
  beforeAll(async () => {
    redis = await startRedis(binary ?? '')
    fitful = await startFitfulRedis(redis.port)
  })
  afterAll(async () => {
    await fitful?.close()
    await redis?.stop()
  })
  beforeEach(() => void redis.run('FLUSHALL'))
  afterEach(async () => {
    fitful.release()
    await Promise.all(stores.splice(0).map(store => store.close()))
  })

  /** What lies in the server, by the lengths of the texts. */
  const bytesKept = () =>
    Number(
      redis.run(
        'EVAL',
        "local sum = 0 for _, key in ipairs(redis.call('KEYS', '*:text:*')) do sum = sum + redis.call('STRLEN', key) end return sum",
        '0',
      ),
    )

  test('that do not come in time end no connection but their own, and nobody forgets what was claimed', async () => {
    const store = await open({ url: fitful.url, commandTimeoutMs: 200 })
    await store.records.get('k')
    const since = store.connectedSince()
    fitful.hold()
    const reads = Array.from({ length: 200 }, () => store.records.get('k'))
    const claims = await Promise.all(Array.from({ length: 20 }, (_, n) => store.claim(`claim ${n}`, MINUTE_MS)))
    expect(claims).toEqual(claims.map(() => true))
    for (const { reason, status } of (await Promise.allSettled(reads)) as readonly PromiseRejectedResult[]) {
      expect(status).toBe('rejected')
      expect(reason).toBeInstanceOf(StoreUnavailable)
    }
    expect(await store.claim('claim 0', MINUTE_MS)).toBe(false)
    expect(await store.addWithin('sum', 1, 1, MINUTE_MS)).toMatchObject({ isWithin: true })
    expect(store.connectedSince()).toBe(since)
    expect(store.health()).toEqual({ reachable: false, failure: expect.stringContaining('no answer') })
    // No more are asked for at once than come in within the bound.
    expect(store.counted('shared_store_failures get timeout')).toBeLessThanOrEqual(32)

    fitful.release()
    await until(() => store.health().reachable)
    expect(store.connectedSince()).toBe(since)
    expect(store.logged.map(line => line.split(' ')[0])).toEqual(['info', 'warn', 'info'])
  })

  test('that are many and large are all read, in turn', async () => {
    const store = await open({ commandTimeoutMs: 2_000 })
    await store.records.set('k', LARGEST, MINUTE_MS)
    const texts = await Promise.all(Array.from({ length: 300 }, () => store.records.get('k')))
    expect(texts.every(text => text === LARGEST)).toBe(true)
  })

  test('that are asked for together come together, however many packets they come in', async () => {
    const store = await open({ commandTimeoutMs: 2_000 })
    for (let n = 0; n < 50; n++) await store.records.set(`k${n}`, 'x'.repeat(20_000), MINUTE_MS)
    let turn = 0
    const next = () => {
      turn += 1
      counting = setImmediate(next)
    }
    let counting = setImmediate(next)
    const turns = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        expect((await store.records.get(`k${n}`))?.length).toBe(n < 50 ? 20_000 : undefined)
        return turn
      }),
    )
    clearImmediate(counting)
    expect(turns[0]).toBeGreaterThan(1)
    expect(new Set(turns).size).toBe(1)
  })

  test('that are longer than a text may be are not kept, in bytes', async () => {
    const store = await open()
    expect(await store.records.set('k', LARGEST, MINUTE_MS)).toBe(true)
    expect(await store.records.set('l', `${LARGEST}x`, MINUTE_MS)).toBe(false)
    expect(await store.records.set('m', 'ä'.repeat(MAX_TEXT_BYTES / 2 + 1), MINUTE_MS)).toBe(false)
    expect(store.counted('shared_store_unshared record large')).toBe(2)
    expect(redis.run('KEYS', '*:text:*').split('\n')).toHaveLength(1)
  })

  test('that are written all at once beyond what may be on its way are left out', async () => {
    const store = await open({ commandTimeoutMs: 2_000 })
    const writes = Array.from({ length: 100 }, (_, n) => store.records.set(`k${n}`, LARGEST, MINUTE_MS))
    const outcomes = await Promise.allSettled(writes)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(32)
    expect(store.counted('shared_store_failures set busy')).toBe(68)
    expect(await store.records.set('later', LARGEST, MINUTE_MS)).toBe(true)
  })

  test.each([
    ['a minute', MINUTE_MS],
    ['an hour', HOUR_MS],
    ['several hours', 7 * HOUR_MS],
  ])('that are records of %s take no more than their bound, of all instances together', async (_what, ttlMs) => {
    const recordBytes = 1_048_576
    const instances = [await open({ recordBytes }), await open({ recordBytes })]
    for (let n = 0; n < 150; n++) await instances[n % 2]?.records.set(`k${n}`, 'x'.repeat(10_000), ttlMs)
    expect(bytesKept()).toBeGreaterThan(recordBytes / 4 / 7 / 4)
    expect(bytesKept()).toBeLessThanOrEqual(recordBytes / 4)
    // Who knows that it is spent does not ask again for each.
    const [first] = instances
    redis.run('CONFIG', 'RESETSTAT')
    for (let n = 0; n < 50; n++) expect(await first?.records.set(`l${n}`, 'x'.repeat(10_000), ttlMs)).toBe(false)
    expect(redis.run('INFO', 'commandstats')).not.toContain('cmdstat_multi')
    expect(first?.counted('shared_store_unshared record full')).toBeGreaterThanOrEqual(50)
    expect(await first?.documents.set('d', 'document', DAY_MS, 'partner')).toBe(true)
    expect(await first?.claim('c', MINUTE_MS)).toBe(true)
  })

  test('that were given last take no more than their bound, of all instances together, whenever they end', async () => {
    const lastKnownBytes = 1_048_576
    const instances = [await open({ lastKnownBytes }), await open({ lastKnownBytes })]
    for (const ttlMs of [HOUR_MS, 7 * DAY_MS])
      for (let n = 0; n < 400; n++)
        await instances[n % 2]?.lastKnown.set(`${ttlMs} ${n}`, 'x'.repeat(1_000), ttlMs, `partner ${n % 20}`)
    // Each window gives a sixth, and none of it to the other.
    expect(bytesKept()).toBeGreaterThan((lastKnownBytes / 3) * 0.75)
    expect(bytesKept()).toBeLessThanOrEqual(lastKnownBytes / 3)
    expect(await instances[0]?.records.set('r', 'record', MINUTE_MS)).toBe(true)
  })

  test('that were given last are paid for once in each instance, however often they are written', async () => {
    const store = await open({ lastKnownBytes: 1_048_576 })
    const written: boolean[] = []
    for (let n = 0; n < 200; n++) written.push(await store.lastKnown.set('k', 'x'.repeat(5_000), HOUR_MS))
    expect(written).not.toContain(false)
    let others = 0
    for (let n = 0; n < 100; n++) if (await store.lastKnown.set(`k${n}`, 'x'.repeat(5_000), HOUR_MS)) others += 1
    expect(others).toBeLessThan(100)
    expect(await store.lastKnown.set('k', 'x'.repeat(5_000), HOUR_MS)).toBe(true)
    expect(await store.lastKnown.set('k', 'x'.repeat(60_000), HOUR_MS)).toBe(false)
  })

  test('that are documents of one partner take a share, and those of all no more than their bound', async () => {
    const documentBytes = 1_048_576
    const store = await open({ documentBytes })
    const register = async (partner: string) => {
      let kept = 0
      for (let n = 0; n < 20; n++)
        if (await store.documents.set(`${partner} ${n}`, 'x'.repeat(10_000), DAY_MS, partner)) kept++
      return kept
    }
    // A share is an eighth of half of the bound.
    expect(await register('greedy')).toBe(6)
    expect(await register('another')).toBe(6)
    for (let n = 0; n < 8; n++) await register(`partner ${n}`)
    expect(bytesKept()).toBeGreaterThan(documentBytes / 3)
    expect(bytesKept()).toBeLessThanOrEqual(documentBytes / 2)
    expect(await register('late')).toBe(0)
    expect(await store.records.set('r', 'record', MINUTE_MS)).toBe(true)
  })

  test('that are very short count with what the server needs for each', async () => {
    const store = await open({ documentBytes: 1_048_576 })
    let kept = 0
    for (let n = 0; n < 400; n++) if (await store.documents.set(`k${n}`, 'x', DAY_MS, 'partner')) kept++
    expect(kept).toBe(Math.floor(65_536 / 257))
    const [key = ''] = redis.run('KEYS', '*:text:*').split('\n')
    expect(Number(redis.run('MEMORY', 'USAGE', key))).toBeLessThanOrEqual(257)
  })
})

withRedis('two gateways of different incidents over one server', () => {
  test('share no records, documents and budgets, and neither takes a proof that was used with the other', async () => {
    const redis = await startRedis(binary ?? '')
    const first = await openedStore({ url: redis.url, incident: 'INC-1' })
    const second = await openedStore({ url: redis.url, incident: 'INC-2' })
    const third = await openedStore({ url: redis.url, incident: 'INC-1', audience: 'https://other.example' })
    try {
      await first.records.set('k', 'record', MINUTE_MS)
      await first.documents.set('k', 'document', MINUTE_MS, 'partner')
      await first.addWithin('k', 10, 10, MINUTE_MS)
      await first.claim('k', MINUTE_MS)
      for (const other of [second, third]) {
        expect(await other.records.get('k')).toBeNull()
        expect(await other.documents.get('k')).toBeNull()
        expect(await other.sum('k')).toBeNull()
        expect(await other.claim('k', MINUTE_MS)).toBe(false)
      }
    } finally {
      await Promise.all([first, second, third].map(store => store.close()))
      await redis.stop()
    }
  })
})
