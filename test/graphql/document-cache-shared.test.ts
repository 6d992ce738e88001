import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createDocumentCache } from '../../src/graphql/document-cache.ts'
import { systemClock } from '../../src/model/clock.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { openedStore, type TestStore, until } from '../support/shared-store.ts'

const binary = redisBinary()
const withRedis = binary === null ? describe.skip : describe
const DOCUMENT = '{ viewer { scopes } }'
/** As Apollo names a persisted document. */
const keyOfDocument = (document: string) => `apq:${createHash('sha256').update(document).digest('hex')}`
const PARTNER = 'BPNL00000000001A'
const KEY = keyOfDocument(DOCUMENT)

withRedis('persisted documents that two instances share', () => {
  let redis: RedisServer
  let stores: readonly TestStore[]
  const errors: Error[] = []
  beforeAll(async () => {
    redis = await startRedis(binary ?? '')
  })
  afterAll(() => redis?.stop())
  beforeEach(async () => {
    redis.run('FLUSHALL')
    errors.length = 0
    stores = await Promise.all([openedStore({ url: redis.url }), openedStore({ url: redis.url })])
  })
  afterEach(() => Promise.all(stores.map(store => store.close())))

  const caches = (ttlSeconds = 60) =>
    stores.map(store =>
      createDocumentCache({
        entries: 10,
        ttlSeconds,
        store: store.documents,
        clock: systemClock,
        onError: error => void errors.push(error),
      }),
    )
  const key = () => redis.run('KEYS', '*:text:*')
  const written = () => until(() => key() !== '')

  test('are registered with one and known to both, and held in memory from then on', async () => {
    const [first, second] = caches()
    first?.share(DOCUMENT, PARTNER)
    await written()
    expect(await second?.cache.get(KEY)).toBe(DOCUMENT)
    redis.run('FLUSHALL')
    expect(await second?.cache.get(KEY)).toBe(DOCUMENT)
    expect(stores[1]?.counted('shared_store_reads')).toBe(1)
  })

  test('are not shared again by an instance that keeps them', async () => {
    const [first] = caches()
    await first?.cache.set(KEY, DOCUMENT, { ttl: 60 })
    first?.share(DOCUMENT, PARTNER)
    first?.share('{ viewer { wave } }', PARTNER)
    await written()
    expect(key().split('\n')).toHaveLength(1)
    expect(redis.run('GET', key())).toContain('wave')
  })

  test('end for both when the time is over that one gave them', async () => {
    const [first, second] = caches(1)
    first?.share(DOCUMENT, PARTNER)
    await written()
    expect(await second?.cache.get(KEY)).toBe(DOCUMENT)
    await until(async () => (await second?.cache.get(KEY)) === undefined)
    // The store looks at its own clock.
    await until(() => key() === '')
  })

  test.each<[string, (kept: string) => string]>([
    ['another document', kept => kept.replace('scopes', 'roles')],
    ['cut', kept => kept.slice(0, -2)],
    ['no document', () => '{"value":7}'],
    ['no object', () => 'null'],
  ])('are unknown where the store holds %s under their name', async (_what, spoil) => {
    const [first, second] = caches()
    first?.share(DOCUMENT, PARTNER)
    await written()
    redis.run('SET', key(), spoil(redis.run('GET', key())))
    expect(await second?.cache.get(KEY)).toBeUndefined()
    expect(errors).toEqual([])
  })

  test('are kept by each instance for itself while the store is away', async () => {
    const [first, second] = caches()
    await redis.kill()
    try {
      await until(() => stores.every(store => !store.health().reachable))
      first?.share(DOCUMENT, PARTNER)
      await first?.cache.set(KEY, DOCUMENT, { ttl: 60 })
      expect(await first?.cache.get(KEY)).toBe(DOCUMENT)
      expect(await second?.cache.get(KEY)).toBeUndefined()
      expect(errors).toEqual([])
    } finally {
      await redis.restart()
    }
  })
})
