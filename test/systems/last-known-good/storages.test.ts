import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { systemClock } from '../../../src/model/clock.ts'
import { createMemoryStorage } from '../../../src/systems/last-known-good/memory-storage.ts'
import { createSharedStorage } from '../../../src/systems/last-known-good/shared-storage.ts'
import { openSqliteStorage } from '../../../src/systems/last-known-good/sqlite-storage.ts'
import { createKeptTexts, type TextStorage } from '../../../src/systems/last-known-good/text-storage.ts'
import { quietLog } from '../../connectors/quiet-log.ts'
import { type RedisServer, redisBinary, startRedis } from '../../support/redis.ts'
import { openedStore, type TestStore } from '../../support/shared-store.ts'
import { BETA } from '../viewer.ts'
import { describeStorage, entry } from './storage-contract.ts'

const MIB = 1_048_576
const HOUR_MS = 3_600_000
const opened: TextStorage[] = []
const keepOpen = <T extends TextStorage>(storage: T): T => {
  opened.push(storage)
  return storage
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map(storage => storage.disconnect()))
})

describe('the storage in memory', () => {
  describeStorage(async () => keepOpen(createMemoryStorage(MIB, systemClock)))

  test('takes no more than its bound, and what was not used for longest goes first', async () => {
    const storage = keepOpen(createMemoryStorage(10_000, systemClock))
    for (let n = 0; n < 20; n++) {
      await storage.setMany([entry(`k${n}`, 'x'.repeat(744))])
      await storage.getMany(['k0'])
    }
    const kept = await storage.getMany(Array.from({ length: 20 }, (_, n) => `k${n}`))
    expect(kept.flatMap((text, n) => (text === undefined ? [] : [n]))).toEqual([0, 11, 12, 13, 14, 15, 16, 17, 18, 19])
    expect(await storage.setMany([entry('large', 'x'.repeat(1_001))])).toEqual([false])
  })

  test('keeps what one partner read, however much another reads', async () => {
    const storage = keepOpen(createMemoryStorage(10_000, systemClock))
    await storage.setMany([entry('quiet', 'x'.repeat(744), HOUR_MS, BETA)])
    for (let n = 0; n < 100; n++) await storage.setMany([entry(`noisy ${n}`, 'x'.repeat(744))])
    expect((await storage.getMany(['quiet', 'noisy 99'])).map(text => text?.length)).toEqual([744, 744])
  })
})

describe('the storage in a file', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-last-known-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))
  describeStorage(async () =>
    keepOpen(await openSqliteStorage({ path: join(directory, 'last.sqlite'), maxBytes: 4 * MIB, log: quietLog() })),
  )

  test('is refused by the name of its setting where the file cannot be used', async () => {
    const opening = openSqliteStorage({ path: directory, maxBytes: 4 * MIB, log: quietLog() })
    await expect(opening).rejects.toMatchObject({
      name: 'ConfigError',
      problems: [expect.stringContaining(`lastKnownGood.file: ${directory} cannot be used: `)],
    })
  })
})

const binary = redisBinary()
const withRedis = binary === null ? describe.skip : describe
withRedis('the storage that all instances share', () => {
  let redis: RedisServer
  const stores: TestStore[] = []
  const open = async (settings: { readonly lastKnownBytes?: number } = {}) => {
    const store = await openedStore({ url: redis.url, commandTimeoutMs: 2_000, ...settings })
    stores.push(store)
    return store
  }
  beforeAll(async () => {
    redis = await startRedis(binary ?? '')
  })
  afterAll(() => redis?.stop())
  beforeEach(() => void redis.run('FLUSHALL'))
  afterEach(async () => {
    await Promise.all(stores.splice(0).map(store => store.close()))
  })
  describeStorage(async () => createSharedStorage((await open()).lastKnown))

  test('gives one instance what another has put there, and stays apart from records of the same key', async () => {
    const [one, other] = [await open(), await open()]
    await createSharedStorage(one.lastKnown).setMany([entry('a', '1')])
    expect(await createSharedStorage(other.lastKnown).getMany(['a'])).toEqual(['1'])
    expect(await other.records.get('a')).toBeNull()
  })

  test('has room for what one partner read, however much another reads', async () => {
    const store = await open({ lastKnownBytes: MIB })
    const storage = createSharedStorage(store.lastKnown)
    const given = async (by: string) =>
      (
        await storage.setMany(Array.from({ length: 100 }, (_, n) => entry(`${by} ${n}`, 'x'.repeat(500), HOUR_MS, by)))
      ).at(-1)
    expect(await given('noisy')).toBe(false)
    expect(await storage.setMany([entry('quiet', 'x', HOUR_MS, 'quiet')])).toEqual([true])
  })

  test('fails as a whole where it is away: a failure is never taken for nothing', async () => {
    const store = await open()
    await store.close()
    await expect(createSharedStorage(store.lastKnown).getMany(['a', 'b'])).rejects.toThrow()
    await expect(createKeptTexts(createSharedStorage(store.lastKnown)).getMany(['a', 'b'])).rejects.toThrow()
  })
})

test('keyv puts nothing between: keys, texts and whose they are arrive as they are, and a failure to write is heard of', async () => {
  const written: unknown[] = []
  const texts = createKeptTexts({
    getMany: async keys => keys.map(key => (key === 'a' ? 'text' : undefined)),
    setMany: async entries => {
      written.push(...entries)
      if (entries.some(({ key }) => key === 'bad')) throw new Error('full')
      return entries.map(() => true)
    },
    disconnect: async () => {},
  })
  expect(await texts.getMany(['a', 'b'])).toEqual(['text', undefined])
  expect(await texts.setMany([entry('keyv:a', 'text', 5, BETA)])).toEqual([true])
  expect(written).toEqual([{ key: 'keyv:a', value: 'text', ttl: 5, by: BETA }])
  await expect(texts.setMany([entry('bad', 'text')])).rejects.toThrow('full')
})
