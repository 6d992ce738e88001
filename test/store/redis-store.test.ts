import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { StoreUnavailable } from '../../src/store/shared-store.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { GATEWAY_USER, openedStore, openStore, type TestStore, until, urlAs } from '../support/shared-store.ts'

const binary = redisBinary()
const withRedis = binary === null ? describe.skip : describe

withRedis('the shared store, as the user that the documentation describes', () => {
  let redis: RedisServer
  let store: TestStore
  let url: string
  beforeAll(async () => {
    redis = await startRedis(binary ?? '', { users: [GATEWAY_USER] })
    url = urlAs('gateway', 'not-a-secret', redis.url)
  })
  afterAll(() => redis?.stop())
  beforeEach(async () => {
    redis.run('FLUSHALL')
    store = await openedStore({ url })
  })
  afterEach(() => store.close())

  test('gives back any text under any key, and nothing under another', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 2 }),
        fc.string({ unit: 'grapheme' }),
        async ([key = '', other = ''], value) => {
          redis.run('FLUSHALL')
          await store.records.set(key, value, 60_000)
          expect(await store.records.get(key)).toBe(value)
          expect(await store.records.get(other)).toBeNull()
        },
      ),
      { numRuns: 25 },
    )
  })

  test('keeps texts, claims and sums of one key apart', async () => {
    await store.records.set('k', 'text', 60_000)
    expect(await store.sum('k')).toBeNull()
    expect(await store.claim('k', 60_000)).toBe(true)
    expect(await store.addWithin('k', 5, 10, 60_000)).toMatchObject({ total: 5 })
    expect(await store.records.get('k')).toBe('text')
  })

  test('forgets each when its time is over, and writes nothing that stays for ever', async () => {
    await store.records.set('k', 'v', 60)
    await store.claim('k', 60)
    await store.addWithin('k', 1, 10, 60)
    const times = redis
      .run('KEYS', '*')
      .split('\n')
      .map(key => Number(redis.run('PTTL', key)))
    expect(times.length).toBeGreaterThan(0)
    for (const ms of times) expect(ms).not.toBe(-1)
    await until(async () => (await store.records.get('k')) === null && (await store.sum('k')) === null)
    expect(await store.claim('k', 60)).toBe(true)
  })

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('keeps nothing for %d ms', async ttlMs => {
    await expect(store.records.set('k', 'v', ttlMs)).rejects.toThrow(RangeError)
    await expect(store.claim('k', ttlMs)).rejects.toThrow(RangeError)
    await expect(store.addWithin('k', 1, 1, ttlMs)).rejects.toThrow(RangeError)
  })

  test('gives a claim to exactly one of 1,000 that come at once over two connections', async () => {
    const second = await openedStore({ url, commandTimeoutMs: 2_000 })
    const first = await openedStore({ url, commandTimeoutMs: 2_000 })
    try {
      const claims = Array.from({ length: 1_000 }, (_, n) => (n % 2 === 0 ? first : second).claim('proof', 60_000))
      expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1)
    } finally {
      await Promise.all([first.close(), second.close()])
    }
  })

  test('never lets more than the limit of a sum through, over two connections at once', async () => {
    const second = await openedStore({ url, commandTimeoutMs: 2_000 })
    const first = await openedStore({ url, commandTimeoutMs: 2_000 })
    try {
      const additions = await Promise.all(
        Array.from({ length: 300 }, (_, n) => (n % 2 === 0 ? first : second).addWithin('budget', 1.5, 150, 60_000)),
      )
      expect(additions.filter(({ isWithin }) => isWithin)).toHaveLength(100)
    } finally {
      await Promise.all([first.close(), second.close()])
    }
  })

  test('adds nothing that would be too much, and counts on to the end of the time that the first began', async () => {
    expect(await store.addWithin('k', 90, 100, 60_000)).toMatchObject({ isWithin: true, total: 90 })
    expect(await store.addWithin('k', 11, 100, 999_999)).toMatchObject({ isWithin: false, total: 90 })
    const last = await store.addWithin('k', 10, 100, 999_999)
    expect(last).toMatchObject({ isWithin: true, total: 100 })
    expect(last.remainingMs).toBeLessThanOrEqual(60_000)
    expect(await store.sum('k')).toMatchObject({ total: 100 })
  })

  test('counts what it found and what it did not', async () => {
    await store.records.set('k', 'v', 60_000)
    await store.records.get('k')
    await store.records.get('other')
    expect([store.counted('shared_store_reads hit'), store.counted('shared_store_reads miss')]).toEqual([1, 1])
    expect(store.counted('shared_store_failures')).toBe(0)
  })

  test('runs the documented commands and no others', async () => {
    redis.run('CONFIG', 'RESETSTAT')
    const another = await openedStore({ url })
    await another.records.set('k', 'v', 60_000)
    await another.records.get('k')
    await another.claim('k', 60_000)
    await another.sum('k')
    await another.addWithin('k', 1, 10, 60_000)
    expect(Math.abs(await another.clockOffsetMs())).toBeLessThan(1_000)
    await another.close()
    const run = [...redis.run('INFO', 'commandstats').matchAll(/^cmdstat_(\S+?):/gm)].map(([, command]) => command)
    const allowed = [...GATEWAY_USER.matchAll(/\+(\S+)/g)].map(([, command]) => command)
    // What the test asks itself, and what every user may.
    expect(run.filter(command => !['config|resetstat', 'auth'].includes(command ?? '')).toSorted()).toEqual(
      allowed.toSorted(),
    )
    expect(redis.run('ACL', 'LOG')).toBe('')
  })

  test('is confined to its prefix, and away where the server does not let it write there', async () => {
    const elsewhere = await openStore({ url, keyPrefix: 'another:' })
    await until(() => elsewhere.logged.length > 0)
    expect(elsewhere.health()).toMatchObject({ reachable: false, failure: expect.stringContaining('NOPERM') })
    expect(elsewhere.connectedSince()).toBeNull()
    await elsewhere.close()
  })

  test('shows its password nowhere when it is wrong', async () => {
    const wrong = await openStore({ url: urlAs('gateway', 'wrong-p4ss', redis.url) })
    await until(() => wrong.health().failure !== null)
    const refusal = await wrong.records.get('k').catch((thrown: unknown) => thrown)
    expect(refusal).toBeInstanceOf(StoreUnavailable)
    expect(`${wrong.logText()}${JSON.stringify(wrong.health())}${(refusal as Error).stack}`).not.toContain('wrong-p4ss')
    expect(wrong.health().failure).toContain('WRONGPASS')
    await wrong.close()
  })

  test('still gives what it holds where the server is full', async () => {
    await store.records.set('k', 'v', 60_000)
    redis.run('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '1')
    try {
      await expect(store.records.set('other', 'v', 60_000)).rejects.toThrow(/OOM/)
      await expect(store.claim('other', 60_000)).rejects.toThrow(StoreUnavailable)
      await expect(store.addWithin('other', 1, 10, 60_000)).rejects.toThrow(StoreUnavailable)
      expect(await store.records.get('k')).toBe('v')
      expect(store.logged).toEqual(['info the shared store answers', 'warn the shared store refuses'])
      const another = await openedStore({ url })
      expect(await another.records.get('k')).toBe('v')
      await another.close()
    } finally {
      redis.run('CONFIG', 'SET', 'maxmemory', '0')
    }
  })
})
