import { Redis } from 'ioredis'
import type { Clock } from '../model/clock.ts'
import type { Counters } from '../observe/counters.ts'
import { Unanswered, within } from './bounded.ts'
import { isReplyError, serverIsFull, serverIsWrong, wordFailure } from './failure.ts'
import type { Presence } from './presence.ts'
import type { ServerAddress } from './redis-server.ts'
import { type StoreHealth, StoreUnavailable } from './shared-store.ts'

/**
 * A connection to the shared store, which is trusted only while it answers. Called by the store's operations. Who lets a
 * call wait beyond its bound is away: the connection is dropped, every call fails at once, and about once a second a new
 * one is tried with a probe of our own. So no caller ever waits for an outage that is known.
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
  /** Is told when it goes away and when it is here again. */
  readonly presence: Presence
  /** Another to the same server: what is away for that one is away for this one too. */
  readonly leader?: Pick<Connection, 'connectedSince'>
  readonly counters: Pick<Counters, 'count'>
  /** From 0 to below 1: spreads the attempts of many instances. */
  readonly random?: () => number
}

type State = { readonly kind: 'here'; readonly since: number } | { readonly kind: 'away' }

const RETRY_MS = 1_000
/** From the first packet until the server has taken the credentials. */
const HANDSHAKE_MS = 2_000
const PROBE_TTL_MS = 60_000

export function openConnection(options: ConnectionOptions): Connection {
  const { server, commandTimeoutMs, probeKey, clock, presence, leader, counters, random = Math.random } = options
  let state: State = { kind: 'away' }
  let failure: string | null = null
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
    // What is asked in one turn goes out in one write.
    enableAutoPipelining: true,
    // A command that was lost may have been carried out: said again, it would count twice.
    autoResendUnfulfilledCommands: false,
    // These would need commands that the store's user may not run: INFO, HELLO, CLIENT.
    enableReadyCheck: false,
    protocol: 2,
    disableClientInfo: true,
  })

  function away(reason: string): void {
    failure = reason
    state = { kind: 'away' }
    if (!isClosing) presence.away(reason)
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
    state = { kind: 'here', since: clock.now() }
    failure = null
    presence.here()
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
    if (state.kind === 'here') away('the connection closed')
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
    } else if (isReplyError(thrown)) presence.refused(operation, message)
    const reason = thrown instanceof Unanswered ? 'timeout' : isReplyError(thrown) ? 'refused' : 'closed'
    return refuse(operation, reason, `the shared store failed: ${message}`)
  }

  return {
    async ask(operation, question) {
      if (state.kind === 'away' || leader?.connectedSince() === null)
        return refuse(operation, 'away', `the shared store is away: ${failure ?? 'it is not connected'}`)
      const mine = connection
      try {
        const answer = await within(question(client), commandTimeoutMs)
        if (state.kind === 'here') failure = null
        return answer
      } catch (thrown) {
        return fail(operation, thrown, mine)
      }
    },
    connectedSince: () => (state.kind === 'here' ? state.since : null),
    health: () => ({ reachable: state.kind === 'here', failure }),
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
