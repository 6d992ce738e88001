import { Redis } from 'ioredis'
import type { Clock } from '../model/clock.ts'
import type { Counters } from '../observe/counters.ts'
import type { Log } from '../observe/log.ts'
import { isReplyError, serverIsFull, serverIsWrong, wordFailure } from './failure.ts'
import type { ServerAddress } from './redis-server.ts'
import { type StoreHealth, StoreUnavailable } from './shared-store.ts'

/**
 * The one connection to the shared store, which is trusted only while it answers. Called by the store's operations. Who
 * lets a call wait beyond its bound is away: the connection is dropped, every call fails at once, and about once a
 * second a new one is tried with a probe of our own. So no caller ever waits for an outage that is known.
 */
export interface Connection {
  /** Asks within the bound. Rejects with `StoreUnavailable`, whose message holds no key, value or credential. */
  ask<T>(operation: string, question: (client: Redis) => Promise<T>): Promise<T>
  /** Since when it has answered without a break, in milliseconds since the Unix epoch; null: it does not. */
  connectedSince(): number | null
  health(): StoreHealth
  /** Resolves when the first attempt has ended, whichever way. */
  tried(): Promise<void>
  close(): Promise<void>
}

export interface ConnectionOptions {
  /** Where the server is and as whom to speak to it. */
  readonly server: ServerAddress
  /** Longest wait for an answer. */
  readonly commandTimeoutMs: number
  /** The key that the probe writes. */
  readonly probeKey: string
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly counters: Pick<Counters, 'count'>
  /** From 0 to below 1: spreads the attempts of many instances. */
  readonly random?: () => number
}

type Presence =
  | { readonly kind: 'here'; readonly since: number }
  | { readonly kind: 'away'; readonly isReported: boolean; readonly failure: string | null }

const RETRY_MS = 1_000
/** From the first packet until the server has taken the credentials. */
const HANDSHAKE_MS = 2_000
const PROBE_TTL_MS = 60_000
/** What a server refuses while it answers is logged no more often. */
const REFUSAL_LOG_MS = 60_000

export function openConnection(options: ConnectionOptions): Connection {
  const { server, commandTimeoutMs, probeKey, clock, log, counters, random = Math.random } = options
  let presence: Presence = { kind: 'away', isReported: false, failure: null }
  let failure: string | null = null
  let refusalLoggedAt = Number.NEGATIVE_INFINITY
  // Counts connections, so that what an old one does late says nothing about the present one.
  let connection = 0
  let isClosing = false
  let handshake: NodeJS.Timeout | undefined
  const tried = Promise.withResolvers<void>()

  const client = new Redis({
    ...server,
    connectTimeout: HANDSHAKE_MS,
    disconnectTimeout: commandTimeoutMs,
    retryStrategy: () => RETRY_MS * (0.75 + random() / 2),
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    // A command that was lost may have been carried out: said again, it would count twice.
    autoResendUnfulfilledCommands: false,
    // These would need commands that the store's user may not run: INFO, HELLO, CLIENT.
    enableReadyCheck: false,
    protocol: 2,
    disableClientInfo: true,
  })

  function away(reason: string): void {
    failure = reason
    const isReported = presence.kind === 'away' && presence.isReported
    if (!isReported && !isClosing)
      log.warn({ reason }, 'the shared store is away: each instance goes on with what it holds itself')
    presence = { kind: 'away', isReported: true, failure: reason }
    tried.resolve()
  }

  function drop(reason: string): void {
    away(reason)
    connection++
    client.disconnect(true)
  }

  async function probe(): Promise<void> {
    const mine = ++connection
    try {
      await within(client.set(probeKey, '1', 'PX', PROBE_TTL_MS), commandTimeoutMs).catch((thrown: unknown) => {
        // It still gives what it holds.
        if (!serverIsFull(thrown)) throw thrown
      })
    } catch (thrown) {
      if (mine === connection) drop(wordFailure(thrown))
      return
    }
    if (mine !== connection) return
    presence = { kind: 'here', since: clock.now() }
    failure = null
    log.info({}, 'the shared store answers')
    tried.resolve()
  }

  client.on('connecting', () => {
    clearTimeout(handshake)
    handshake = setTimeout(() => drop('the connection was not ready in time'), HANDSHAKE_MS)
  })
  client.on('ready', () => {
    clearTimeout(handshake)
    void probe()
  })
  client.on('close', () => {
    clearTimeout(handshake)
    connection++
    if (presence.kind === 'here') away('the connection closed')
  })
  client.on('error', (error: Error) => {
    const leave = client.status === 'ready' ? drop : away
    leave(wordFailure(error))
  })

  function refuse(operation: string, reason: 'away' | 'timeout' | 'closed' | 'refused', message: string): never {
    counters.count('shared_store_failures', { operation, reason })
    throw new StoreUnavailable(message)
  }

  function fail(operation: string, thrown: unknown, mine: number): never {
    const message = wordFailure(thrown)
    failure = message
    if (thrown instanceof Unanswered || serverIsWrong(thrown)) {
      if (mine === connection) drop(message)
    } else if (isReplyError(thrown) && clock.now() - refusalLoggedAt >= REFUSAL_LOG_MS) {
      refusalLoggedAt = clock.now()
      log.warn({ operation, reason: message }, 'the shared store refuses')
    }
    const reason = thrown instanceof Unanswered ? 'timeout' : isReplyError(thrown) ? 'refused' : 'closed'
    return refuse(operation, reason, `the shared store failed: ${message}`)
  }

  return {
    async ask(operation, question) {
      if (presence.kind === 'away')
        return refuse(operation, 'away', `the shared store is away: ${presence.failure ?? 'not connected yet'}`)
      const mine = connection
      try {
        const answer = await within(question(client), commandTimeoutMs)
        if (presence.kind === 'here') failure = null
        return answer
      } catch (thrown) {
        return fail(operation, thrown, mine)
      }
    },
    connectedSince: () => (presence.kind === 'here' ? presence.since : null),
    health: () => ({ reachable: presence.kind === 'here', failure }),
    tried: () => tried.promise,
    async close() {
      isClosing = true
      clearTimeout(handshake)
      away('closed')
      // While it waits for its next attempt there is no socket whose end could be awaited.
      const hasSocket = ['connecting', 'connect', 'ready'].includes(client.status)
      const ended = hasSocket ? new Promise<void>(resolve => void client.once('end', () => resolve())) : null
      client.disconnect()
      await ended
    },
  }
}

class Unanswered extends Error {}

async function within<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    // An answer that came while this process was busy is read before this runs.
    setImmediate(() => reject(new Unanswered(`no answer within ${timeoutMs} ms`)))
  }, timeoutMs)
  try {
    return await Promise.race([answer, promise])
  } finally {
    clearTimeout(timer)
  }
}
