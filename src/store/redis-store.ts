import type { ChainableCommander, Redis } from 'ioredis'
import type { Config } from '../config/load-config.ts'
import type { SharedStoreSettings } from '../config/shared-store-schema.ts'
import type { Clock } from '../model/clock.ts'
import { keyOf } from '../model/key.ts'
import type { Counters } from '../observe/counters.ts'
import type { Log } from '../observe/log.ts'
import { leasedAllowance, renewedAllowance, sharedOutAllowance } from './byte-allowance.ts'
import { createLeases } from './leases.ts'
import { reportPresence } from './presence.ts'
import { serverOf } from './redis-server.ts'
import type { SharedStore, StoreHealth, Sum } from './shared-store.ts'
import { createSharedTexts } from './shared-texts.ts'
import { wholeMs } from './whole-ms.ts'

/**
 * The shared store on Valkey or Redis. Opened by the composition root. It runs GET, SET, PTTL, INCRBYFLOAT, MULTI and
 * EXEC, each on keys that begin with the prefix, TIME once, and nothing else: `docs/shared-store.md` has the user that may.
 * Texts and leases go over one connection, claims and sums over another, so that the ones never wait for the others.
 */
export interface SharedStoreOptions {
  readonly settings: SharedStoreSettings
  /** Whose instances share: gateways of another incident or audience may use the same server and prefix. */
  readonly restart: Pick<Config['recovery'], 'incident' | 'audience'>
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly counters: Counters
}

/** For who wants to know more than serving needs. */
export interface OpenedStore extends SharedStore {
  /** The health at the end of the first attempt to reach the server, which takes 2 s at most. */
  firstHealth(): Promise<StoreHealth>
  /** Time of the server's clock less that of this machine, in milliseconds. Rejects with `StoreUnavailable`. */
  clockOffsetMs(): Promise<number>
}

/**
 * Does not wait for the server: until it answers, the store is away.
 *
 * @throws ConfigError where the settings cannot be used, such as a certificate that is not there
 */
export async function openSharedStore(options: SharedStoreOptions): Promise<OpenedStore> {
  const { settings, restart, clock, log, counters } = options
  const { url, tls, keyPrefix, commandTimeoutMs, recordBytes, documentBytes, lastKnownBytes } = settings
  const server = await serverOf(url, tls)
  // Its client is loaded where there is such a store: loading is half of a gateway's start.
  const { openConnection } = await import('./connection.ts')
  const place = (kind: 'text' | 'lease' | 'claim' | 'sum' | 'probe', ...parts: readonly string[]) =>
    `${keyPrefix}${kind}:${keyOf(...parts)}`
  const own = [restart.incident, restart.audience]
  // Not one gateway's own: what was used once with any of them is used, also while one is given another incident.
  const claimAt = (key: string) => place('claim', key)
  const sumPlace = (key: string) => place('sum', ...own, key)

  const presences = reportPresence(['claims and sums', 'texts'], log, clock)
  const common = { server, commandTimeoutMs, probeKey: place('probe', ''), clock, counters }
  const first = openConnection({ ...common, presence: presences['claims and sums'] })
  const second = openConnection({ ...common, presence: presences.texts, leader: first })
  const { ask, connectedSince } = first

  const addWithin: SharedStore['addWithin'] = async (key, amount, limit, ttlMs) => {
    const ms = wholeMs(ttlMs)
    const at = sumPlace(key)
    return ask('add', async client => {
      const before = (await sumAt(client, at)) ?? { total: 0, remainingMs: ms }
      if (before.total + amount > limit) return { ...before, isWithin: false }
      const begun = client.multi().set(at, '0', 'PX', ms, 'NX')
      const [, total, remainingMs] = await resultsOf(begun.incrbyfloat(at, amount).pttl(at))
      const sum = { total: Number(total), remainingMs: Number(remainingMs) }
      // Another may have added between the two; the sum alone decides.
      return { ...sum, isWithin: sum.total <= limit }
    })
  }

  const textsOf = createSharedTexts({
    ask: second.ask,
    placeOf: (kind, key) => place('text', ...own, kind, key),
    commandTimeoutMs,
    counters,
  })
  const health = (): StoreHealth => {
    const [one, other] = [first.health(), second.health()]
    return { reachable: one.reachable && other.reachable, failure: one.failure ?? other.failure }
  }

  return {
    records: textsOf('record', leasedAllowance({ addWithin }, 'bytes of records', recordBytes, clock)),
    documents: textsOf('document', sharedOutAllowance({ addWithin }, 'bytes of documents', documentBytes)),
    lastKnown: textsOf('lastKnown', renewedAllowance({ addWithin }, 'bytes of last known', lastKnownBytes, clock)),
    leases: createLeases({ ask: second.ask, placeOf: key => place('lease', ...own, 'record', key) }),
    async claim(key, ttlMs) {
      const ms = wholeMs(ttlMs)
      return (await ask('claim', client => client.set(claimAt(key), '1', 'PX', ms, 'NX'))) === 'OK'
    },
    sum: key => ask('sum', client => sumAt(client, sumPlace(key))),
    addWithin,
    connectedSince,
    health,
    async firstHealth() {
      await Promise.all([first.tried(), second.tried()])
      return health()
    },
    async clockOffsetMs() {
      await first.tried()
      const askedMs = clock.now()
      const [seconds, micros] = await ask('time', client => client.time())
      return Number(seconds) * 1_000 + Number(micros) / 1_000 - (askedMs + clock.now()) / 2
    },
    async close() {
      await Promise.all([first.close(), second.close()])
    },
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
