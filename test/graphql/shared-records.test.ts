import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { SharedRecordsOptions } from '../../src/graphql/shared-records.ts'
import { systemClock } from '../../src/model/clock.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { seal } from '../../src/store/sealed-text.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { openedStore, type TestStore, until } from '../support/shared-store.ts'
import { ALPHA, viewerOf } from '../systems/viewer.ts'
import { counted, type Resolve, type SmallGateway, type SmallResolvers, startSmallGateway } from './small-gateway.ts'

const binary = redisBinary()
const withRedis = binary === null ? describe.skip : describe
const alpha = viewerOf(ALPHA, { wave: 1, sites: ['BPNS00000000ST01'], roles: ['RETAILER'] })

withRedis('the field caches of two instances with one shared store', () => {
  let redis: RedisServer
  let stores: readonly TestStore[]
  const counters = createCounters()
  beforeAll(async () => {
    redis = await startRedis(binary ?? '')
  })
  afterAll(() => redis?.stop())
  beforeEach(async () => {
    redis.run('FLUSHALL')
    stores = await Promise.all([openedStore({ url: redis.url }), openedStore({ url: redis.url })])
  })
  afterEach(() => Promise.all(stores.map(store => store.close())))

  interface Instances {
    readonly first: SmallGateway
    readonly second: SmallGateway
  }

  async function instances(
    given: Partial<SmallResolvers>,
    options: Partial<SharedRecordsOptions> = {},
    ofSecond: Partial<SharedRecordsOptions> = {},
  ): Promise<Instances> {
    const gateways = stores.map((store, index) =>
      startSmallGateway(given, {
        store: store.records,
        leases: store.leases,
        generation: 'g',
        clock: systemClock,
        counters,
        ...options,
        ...(index === 1 ? ofSecond : {}),
      }),
    )
    const [first, second] = await Promise.all(gateways)
    if (!first || !second) throw new Error('there are two stores')
    return { first, second }
  }

  const keysKept = () => redis.run('KEYS', 'recovery-gateway:text:*').split('\n').filter(Boolean)
  const leasesTaken = () => redis.run('KEYS', 'recovery-gateway:lease:*').split('\n').filter(Boolean).length
  const written = (count = 1) => until(() => keysKept().length === count)

  test('read a record once: what one has read is a hit in the other', async () => {
    const { resolve, calls } = counted(() => ({ inner: { value: 'ä𝄞', amount: '12.50' } }))
    const { first, second } = await instances({ Query: { mine: resolve } })
    const asked = '{ mine { id value inner { value } } }'
    const answer = await first.ask(alpha, asked)
    await written()
    expect(await second.ask(alpha, asked)).toEqual(answer)
    expect(calls()).toBe(1)
    expect(first.lookups).toEqual(['Query.mine miss'])
    expect(second.lookups).toEqual(['Query.mine hit'])
    // From then on it is in memory: no round trip.
    await second.ask(alpha, asked)
    expect(second.lookups).toEqual(['Query.mine hit', 'Query.mine hit'])
    expect(stores.map(store => store.counted('shared_store_reads'))).toEqual([1, 1])
  })

  test('are given a record that is the same and as immutable from the system, from memory and from the store', async () => {
    const record = {
      id: 'r',
      value: '',
      nothing: null,
      yes: true,
      figure: -0.1,
      list: [{ a: [] }, [null]],
      inner: { value: 'x' },
    }
    const seen: unknown[] = []
    const see: Resolve = self => {
      seen.push(self)
      return 's'
    }
    const { first, second } = await instances({
      Query: { mine: () => structuredClone(record) },
      Thing: { stock: see },
    })
    // Another viewer's sites make `stock` a miss each time, so its resolver sees the record from where it then comes.
    const at = (site: string) => ({ ...alpha, partner: { ...alpha.partner, sites: [site] } })
    await first.ask(at('BPNS00000000ST01'), '{ mine { stock } }')
    await written(2)
    await first.ask(at('BPNS00000000ST02'), '{ mine { stock } }')
    await second.ask(at('BPNS00000000ST03'), '{ mine { stock } }')
    await second.ask(at('BPNS00000000ST04'), '{ mine { stock } }')
    expect([...first.lookups, ...second.lookups].filter(lookup => lookup.startsWith('Query'))).toEqual(
      ['miss', 'hit', 'hit', 'hit'].map(outcome => `Query.mine ${outcome}`),
    )
    expect(seen).toHaveLength(4)
    for (const self of seen) {
      expect(self).toStrictEqual(record)
      expect(isFrozenThroughout(self)).toBe(true)
    }
  })

  test('share lists and words as they share records, but not what is unknown', async () => {
    const { first, second } = await instances({
      Query: { mine: () => ({ id: 'r' }), catalogue: () => null },
      Thing: { stock: () => 'word' },
    })
    const asked = '{ mine { stock } catalogue { value } }'
    const answer = await first.ask(alpha, asked)
    await written(2)
    expect(await second.ask(alpha, asked)).toEqual(answer)
    expect([...second.lookups].toSorted()).toEqual(['Query.catalogue miss', 'Query.mine hit', 'Thing.stock hit'])
  })

  test('hold what came from the store no longer than it may be used, whoever read it', async () => {
    let aheadMs = 0
    const clock = { now: () => Date.now() + aheadMs }
    const { resolve, calls } = counted()
    const { first, second } = await instances({ Query: { mine: resolve } }, { clock })
    await first.ask(alpha, '{ mine { value } }')
    await written()
    // Less than a second is left: it is given, and not held.
    aheadMs = 59_500
    await second.ask(alpha, '{ mine { value } }')
    await second.ask(alpha, '{ mine { value } }')
    expect(second.lookups).toEqual(['Query.mine hit', 'Query.mine hit'])
    aheadMs = 60_001
    await second.ask(alpha, '{ mine { value } }')
    expect(second.lookups.at(-1)).toBe('Query.mine miss')
    expect(calls()).toBe(2)
  })

  test('share nothing where they make records of other mappings or releases', async () => {
    const { resolve, calls } = counted()
    const { first, second } = await instances({ Query: { mine: resolve } }, {}, { generation: 'another' })
    await first.ask(alpha, '{ mine { value } }')
    await written()
    await second.ask(alpha, '{ mine { value } }')
    expect(calls()).toBe(2)
  })

  test.each<[string, (kept: string) => string]>([
    ['cut', kept => kept.slice(0, -3)],
    ['changed', kept => kept.replace('"value":"1"', '"value":"2"')],
    ['of another key', kept => seal('another', kept.slice(kept.indexOf('{')), Date.now() + 50_000)],
    ['of another format', kept => kept.replace('record-2', 'record-1')],
    ['JSON alone', () => '{"id":"r","value":"forged"}'],
    ['empty', () => ''],
  ])('take a text that is %s for none', async (_what, spoil) => {
    const { resolve, calls } = counted()
    const { first, second } = await instances({ Query: { mine: resolve } })
    await first.ask(alpha, '{ mine { value } }')
    await written()
    const [key = ''] = keysKept()
    redis.run('SET', key, spoil(redis.run('GET', key)))
    expect(await second.ask(alpha, '{ mine { value } }')).toEqual({ data: { mine: { value: '2' } }, errors: [] })
    expect(calls()).toBe(2)
  })

  test('do not share what is very large', async () => {
    const { first } = await instances({
      Query: { mine: () => ({ id: 'r', value: 'x'.repeat(65_536) }), catalogue: () => ({ id: 'r' }) },
    })
    const stringify = jest.spyOn(JSON, 'stringify')
    await first.ask(alpha, '{ mine { id } }')
    await first.ask(alpha, '{ catalogue { id } }')
    await written(1)
    // Nor is it written out to learn that it is.
    const lengths = stringify.mock.results.map(({ value }) => String(value).length)
    stringify.mockRestore()
    expect(lengths.length).toBeGreaterThan(0)
    expect(Math.max(...lengths)).toBeLessThan(65_536)
  })

  test('share no failure', async () => {
    const { first, second } = await instances({
      Query: {
        mine: () => {
          throw new Error('down')
        },
        catalogue: () => ({ id: 'r' }),
      },
    })
    await first.ask(alpha, '{ mine { id } catalogue { id } }')
    await written(1)
    expect((await second.ask(alpha, '{ mine { id } }')).errors).toEqual([['mine', 'down']])
  })

  test('ask the store once for all that wait for the same record', async () => {
    const { resolve, calls } = counted()
    const { first } = await instances({ Query: { mine: resolve } })
    await Promise.all(Array.from({ length: 20 }, () => first.ask(alpha, '{ mine { value } }')))
    expect(calls()).toBe(1)
    expect(stores[0]?.counted('shared_store_reads')).toBe(1)
  })

  test('read what neither holds once, and whoever comes meanwhile waits for it, wherever it comes', async () => {
    const held = Promise.withResolvers<void>()
    const { resolve, calls } = counted()
    const { first, second } = await instances({
      Query: { mine: async (...asked) => held.promise.then(() => resolve(...asked)) },
    })
    const crowd = Array.from({ length: 40 }, (_, n) => (n % 2 ? first : second).ask(alpha, '{ mine { value } }'))
    await until(() => leasesTaken() === 1)
    held.resolve()
    const [answer, ...others] = await Promise.all(crowd)
    for (const other of others) expect(other).toEqual(answer)
    expect(calls()).toBe(1)
    await until(() => leasesTaken() === 0)
  })

  test.each<[string, Resolve, object]>([
    [
      'fails',
      () => {
        throw new Error('down')
      },
      { errors: [['mine', 'down']] },
    ],
    ['has nothing', () => null, { data: { mine: null } }],
  ])('read for themselves where the one that they wait for %s', async (_what, outcome, answer) => {
    const held = Promise.withResolvers<void>()
    let calls = 0
    const { first, second } = await instances({
      Query: {
        async mine(...asked) {
          calls += 1
          await held.promise
          return outcome(...asked)
        },
      },
    })
    const crowd = [first, second].map(gateway => gateway.ask(alpha, '{ mine { value } }'))
    await until(() => leasesTaken() === 1)
    held.resolve()
    for (const given of await Promise.all(crowd)) expect(given).toMatchObject(answer)
    expect(calls).toBe(2)
  })

  test('wait no longer than a lease for an instance that has gone', async () => {
    const { resolve, calls } = counted()
    const { first, second } = await instances({ Query: { mine: resolve } })
    await first.ask(alpha, '{ mine { value } }')
    await written()
    const [key = ''] = keysKept()
    redis.run('DEL', key)
    // As it left it.
    redis.run('SET', key.replace(':text:', ':lease:'), '1', 'PX', '1000')
    expect((await second.ask(alpha, '{ mine { value } }')).errors).toEqual([])
    expect(calls()).toBe(2)
    expect(leasesTaken()).toBe(0)
    await written()
  })

  test('go on without the store, and never wait for it twice', async () => {
    const { resolve, calls } = counted()
    const { first } = await instances({ Query: { mine: resolve, catalogue: resolve } })
    redis.freeze()
    try {
      const started = performance.now()
      for (let part = 0; part < 50; part++)
        expect((await first.ask(alpha, `{ catalogue(partNumber: "${part}") { id } }`)).errors).toEqual([])
      // The bound is 200 ms; fifty of them would be 10 s.
      expect(performance.now() - started).toBeLessThan(5_000)
      expect(calls()).toBe(50)
    } finally {
      redis.thaw()
    }
  })
})

function isFrozenThroughout(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isFrozenThroughout)
}
