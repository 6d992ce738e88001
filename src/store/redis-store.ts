import type { ChainableCommander, Redis } from 'ioredis'
import type { SharedStoreSettings } from '../config/shared-store-schema.ts'
import type { Clock } from '../model/clock.ts'
import { keyOf } from '../model/key.ts'
import type { Counters } from '../observe/counters.ts'
import type { Log } from '../observe/log.ts'
import { openConnection } from './connection.ts'
import { serverOf } from './redis-server.ts'
import type { SharedStore, StoreHealth, Sum } from './shared-store.ts'

/**
 * The shared store on Valkey or Redis. Opened by the composition root. It runs GET, SET, PTTL, INCRBYFLOAT, MULTI and
 * EXEC, each on keys that begin with the prefix, and nothing else: `docs/shared-store.md` has the user that may.
 */
export interface SharedStoreOptions {
  readonly settings: SharedStoreSettings
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly counters: Counters
}

/** For who wants to know more than serving needs. */
export interface OpenedStore extends SharedStore {
  /** The health at the end of the first attempt to reach the server, which takes 2 s at most. */
  firstHealth(): Promise<StoreHealth>
}

/**
 * Does not wait for the server: until it answers, the store is away.
 *
 * @throws ConfigError where the settings cannot be used, such as a certificate that is not there
 */
export async function openSharedStore(options: SharedStoreOptions): Promise<OpenedStore> {
  const { settings, clock, log, counters } = options
  const { url, tls, keyPrefix, commandTimeoutMs } = settings
  const server = await serverOf(url, tls)
  const keyFor = (kind: 'text' | 'claim' | 'sum' | 'probe', key: string) => `${keyPrefix}${kind}:${keyOf(key)}`
  const probeKey = keyFor('probe', '')
  const { ask, connectedSince, health, tried, close } = openConnection({
    server,
    commandTimeoutMs,
    probeKey,
    clock,
    log,
    counters,
  })
  const countHit = counters.counter('shared_store_reads', { outcome: 'hit' })
  const countMiss = counters.counter('shared_store_reads', { outcome: 'miss' })

  return {
    async get(key) {
      const value = await ask('get', client => client.get(keyFor('text', key)))
      if (value === null) countMiss()
      else countHit()
      return value
    },
    async set(key, value, ttlMs) {
      const ms = wholeMs(ttlMs)
      await ask('set', client => client.set(keyFor('text', key), value, 'PX', ms))
    },
    async claim(key, ttlMs) {
      const ms = wholeMs(ttlMs)
      return (await ask('claim', client => client.set(keyFor('claim', key), '1', 'PX', ms, 'NX'))) === 'OK'
    },
    sum: key => ask('sum', client => sumAt(client, keyFor('sum', key))),
    async addWithin(key, amount, limit, ttlMs) {
      const ms = wholeMs(ttlMs)
      const place = keyFor('sum', key)
      return ask('add', async client => {
        const before = (await sumAt(client, place)) ?? { total: 0, remainingMs: ms }
        if (before.total + amount > limit) return { ...before, isWithin: false }
        const begun = client.multi().set(place, '0', 'PX', ms, 'NX')
        const [, total, remainingMs] = await resultsOf(begun.incrbyfloat(place, amount).pttl(place))
        const sum = { total: Number(total), remainingMs: Number(remainingMs) }
        // Another may have added between the two; the sum alone decides.
        return { ...sum, isWithin: sum.total <= limit }
      })
    },
    connectedSince,
    health,
    async firstHealth() {
      await tried()
      return health()
    },
    close,
  }
}

async function sumAt(client: Redis, place: string): Promise<Sum | null> {
  const [total, remainingMs] = await resultsOf(client.multi().get(place).pttl(place))
  return total === null ? null : { total: Number(total), remainingMs: Number(remainingMs) }
}

/** The results of a transaction; throws the first refusal in it. */
async function resultsOf(transaction: ChainableCommander): Promise<readonly unknown[]> {
  const results = (await transaction.exec()) ?? []
  return results.map(([error, result]) => {
    if (error !== null) throw error
    return result
  })
}

function wholeMs(ttlMs: number): number {
  if (!(ttlMs > 0 && ttlMs < Number.MAX_SAFE_INTEGER)) throw new RangeError(`nothing can be kept for ${ttlMs} ms`)
  return Math.ceil(ttlMs)
}
