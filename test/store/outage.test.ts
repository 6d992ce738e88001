import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { StoreUnavailable } from '../../src/store/shared-store.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { openedStore, openStore, type TestStore, until } from '../support/shared-store.ts'

const binary = redisBinary()
const withRedis = binary === null ? describe.skip : describe

const BOUND_MS = 200
/** What a busy machine may add to a wait. */
const GRACE_MS = 150
/** What a call may take that does not wait: far less than the bound. */
const AT_ONCE_MS = 60

async function timed(call: Promise<unknown>): Promise<{ readonly outcome: unknown; readonly ms: number }> {
  const started = performance.now()
  const outcome = await call.catch((thrown: unknown) => thrown)
  return { outcome, ms: performance.now() - started }
}

withRedis('a shared store whose server', () => {
  let redis: RedisServer
  let store: TestStore
  beforeEach(async () => {
    redis = await startRedis(binary ?? '')
    store = await openedStore({ url: redis.url, commandTimeoutMs: BOUND_MS })
  })
  afterEach(async () => {
    await store?.close()
    await redis?.stop()
  })

  test('freezes costs the calls under way one bound, and those after it nothing', async () => {
    await store.records.set('k', 'v', 60_000)
    const before = store.connectedSince()
    redis.freeze()
    const first = await Promise.all([
      ...Array.from({ length: 100 }, () => timed(store.records.get('k'))),
      ...Array.from({ length: 100 }, () => timed(store.claim('c', 1_000))),
    ])
    for (const { outcome, ms } of first) {
      expect(outcome).toBeInstanceOf(StoreUnavailable)
      expect(ms).toBeLessThan(BOUND_MS + GRACE_MS)
    }
    expect(store.connectedSince()).toBeNull()
    expect(store.health()).toEqual({ reachable: false, failure: expect.stringContaining('no answer within 200 ms') })

    // For as long as several attempts to come back take, nobody waits.
    const calls = [
      () => store.records.get('k'),
      () => store.records.set('k', 'w', 1_000),
      () => store.claim('c', 1_000),
    ]
    for (const end = Date.now() + 3_000; Date.now() < end; await setTimeout(20))
      for (const call of [...calls, () => store.addWithin('s', 1, 1, 1_000), () => store.sum('s')]) {
        const { outcome, ms } = await timed(call())
        expect(outcome).toBeInstanceOf(StoreUnavailable)
        expect(ms).toBeLessThan(AT_ONCE_MS)
      }
    expect(store.logged.filter(line => line.startsWith('warn'))).toHaveLength(1)
    expect(store.counted('shared_store_failures claim timeout')).toBe(100)
    expect(store.counted('shared_store_failures claim away')).toBeGreaterThan(10)

    redis.thaw()
    await until(() => store.health().reachable)
    expect(await store.records.get('k')).toBe('v')
    expect(store.connectedSince()).toBeGreaterThan(before ?? Number.POSITIVE_INFINITY)
    expect(store.logged.map(line => line.split(' ')[0])).toEqual(['info', 'warn', 'info'])
  })

  test('is killed fails at once, and is used again when it is back', async () => {
    await store.records.set('k', 'v', 60_000)
    await redis.kill()
    await until(() => store.connectedSince() === null)
    const { outcome, ms } = await timed(store.records.get('k'))
    expect(outcome).toBeInstanceOf(StoreUnavailable)
    expect(ms).toBeLessThan(AT_ONCE_MS)
    await redis.restart()
    await until(() => store.health().reachable)
    expect(await store.records.get('k')).toBeNull()
    expect(await store.claim('c', 60_000)).toBe(true)
    expect(store.logged.map(line => line.split(' ')[0])).toEqual(['info', 'warn', 'info'])
  })

  test('takes no more writes is away, until there is one that does', async () => {
    await store.records.set('k', 'v', 60_000)
    redis.run('REPLICAOF', '127.0.0.1', '1')
    await expect(store.claim('c', 60_000)).rejects.toThrow(/READONLY/)
    expect(store.connectedSince()).toBeNull()
    await expect(store.records.get('k')).rejects.toThrow(/away/)
    redis.run('REPLICAOF', 'NO', 'ONE')
    await until(() => store.health().reachable)
    expect(await store.claim('c', 60_000)).toBe(true)
  })

  test('is killed with calls under way lets each of them end within the bound', async () => {
    redis.freeze()
    const underWay = Array.from({ length: 50 }, (_, n) => timed(store.records.set(`k${n}`, 'v', 60_000)))
    await redis.kill()
    for (const { outcome, ms } of await Promise.all(underWay)) {
      expect(outcome).toBeInstanceOf(StoreUnavailable)
      expect(ms).toBeLessThan(BOUND_MS + GRACE_MS)
    }
  })

  test('was never there does not keep the gateway from starting, and is used when it comes', async () => {
    await redis.kill()
    const early = await openStore({ url: redis.url, commandTimeoutMs: BOUND_MS })
    expect(early.connectedSince()).toBeNull()
    await expect(early.claim('c', 1_000)).rejects.toThrow(StoreUnavailable)
    await until(() => early.logged.length > 0)
    expect(early.health()).toEqual({ reachable: false, failure: expect.stringContaining('ECONNREFUSED') })
    await redis.restart()
    await until(() => early.health().reachable)
    expect(await early.claim('c', 1_000)).toBe(true)
    expect(early.logged).toHaveLength(2)
    await early.close()
  })

  test('is there no more once it was closed', async () => {
    await store.close()
    await expect(store.records.get('k')).rejects.toThrow(StoreUnavailable)
    expect(store.connectedSince()).toBeNull()
    expect(store.logged).toEqual(['info the shared store answers'])
  })

  test('answers in time is not taken to be away because this process was busy', async () => {
    const answers = [store.records.get('a'), store.records.get('b')]
    await setTimeout(0)
    for (const end = performance.now() + BOUND_MS * 2; performance.now() < end; );
    expect(await Promise.all(answers)).toEqual([null, null])
  })
})

describe('a shared store at an address where something else listens', () => {
  let server: Server
  let bytes: Buffer[]
  let connections: number
  let store: TestStore | undefined
  beforeEach(async () => {
    bytes = []
    connections = 0
    store = undefined
    server = createServer(socket => {
      connections++
      socket.on('data', chunk => void bytes.push(chunk))
      socket.on('error', () => {})
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(async () => {
    await store?.close()
    server.close()
  })

  test('that takes everything and answers nothing, sends one probe a second over each of two connections and nothing else', async () => {
    const { port } = server.address() as { readonly port: number }
    store = await openStore({ url: `redis://127.0.0.1:${port}`, commandTimeoutMs: 20 })
    const started = performance.now()
    for (let call = 0; call < 300; call++) {
      await expect(store.records.get(`k${call}`)).rejects.toThrow(StoreUnavailable)
      await setTimeout(8)
    }
    const seconds = (performance.now() - started) / 1_000
    const commands =
      Buffer.concat(bytes)
        .toString('latin1')
        .match(/\*\d+\r\n\$\d+\r\n\w+/g) ?? []
    expect(commands.length).toBeGreaterThanOrEqual(4)
    expect(commands.length).toBeLessThanOrEqual(2 * (Math.ceil(seconds / 0.75) + 1))
    // The last connections made may have sent nothing yet.
    expect(connections).toBeGreaterThanOrEqual(commands.length)
    expect(connections).toBeLessThanOrEqual(commands.length + 2)
    expect(store.counted('shared_store_failures get away')).toBe(300)
  })

  test('that does not answer to the password, is given up and tried again', async () => {
    const { port } = server.address() as { readonly port: number }
    store = await openStore({ url: `redis://user:pass@127.0.0.1:${port}`, commandTimeoutMs: 20 })
    await until(() => connections >= 4)
    expect(store.health()).toEqual({ reachable: false, failure: 'the connection was not ready in time' })
  })
})
