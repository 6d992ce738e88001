import type { Counters } from '../observe/counters.ts'
import { Unanswered, within } from './bounded.ts'
import type { ByteAllowance } from './byte-allowance.ts'
import type { Connection } from './connection.ts'
import { createFlow } from './flow.ts'
import { createSameTurn } from './same-turn.ts'
import { MAX_TEXT_BYTES, type SharedTexts, StoreUnavailable } from './shared-store.ts'
import { wholeMs } from './whole-ms.ts'

/**
 * The texts in the shared store, bounded in their length, in how many of them are on their way at once, and in what they
 * take of its memory. Called by the store. What is over a bound is not read or not written: never an error, never a wait
 * beyond the bound of a call.
 */
export type TextKind = 'record' | 'document' | 'lastKnown'

export interface SharedTextsOptions {
  readonly ask: Connection['ask']
  readonly placeOf: (kind: TextKind, key: string) => string
  readonly commandTimeoutMs: number
  readonly counters: Counters
}

/** On their way at once in each direction: a small part of what a network moves within the bound of a call. */
const MAX_UNDER_WAY_BYTES = 32 * MAX_TEXT_BYTES
/** What the server needs for a text beside its bytes: its key, twice, and where it is filed. */
const OVERHEAD_BYTES = 256

export function createSharedTexts(options: SharedTextsOptions) {
  const { ask, placeOf, commandTimeoutMs, counters } = options
  const reads = createFlow(MAX_UNDER_WAY_BYTES)
  const writes = createFlow(MAX_UNDER_WAY_BYTES)
  const inSameTurn = createSameTurn()
  const countHit = counters.counter('shared_store_reads', { outcome: 'hit' })
  const countMiss = counters.counter('shared_store_reads', { outcome: 'miss' })

  function refuseBusy(operation: 'get' | 'set'): never {
    counters.count('shared_store_failures', { operation, reason: 'busy' })
    throw new StoreUnavailable('too many texts are on their way to or from the shared store')
  }

  return (kind: TextKind, allowance: ByteAllowance): SharedTexts => {
    const countLarge = counters.counter('shared_store_unshared', { kind, reason: 'large' })
    const countFull = counters.counter('shared_store_unshared', { kind, reason: 'full' })

    /** Waits for its turn and for the answer together no longer than for one answer. */
    function readInTurn(place: string): Promise<{ readonly text: string | null } | null> {
      const asked = reads.run(MAX_TEXT_BYTES, commandTimeoutMs, async () => ({
        text: await ask('get', client => client.get(place)),
      }))
      return within(asked, commandTimeoutMs + GRACE_MS).catch((thrown: unknown) => {
        if (thrown instanceof Unanswered) return null
        throw thrown
      })
    }

    return {
      async get(key) {
        const { text } = (await inSameTurn(readInTurn(placeOf(kind, key)))) ?? refuseBusy('get')
        if (text === null) countMiss()
        else countHit()
        return text
      },
      async set(key, text, ttlMs, by) {
        const ms = wholeMs(ttlMs)
        const bytes = Buffer.byteLength(text)
        if (bytes > MAX_TEXT_BYTES) {
          countLarge()
          return false
        }
        // Does not wait for room: what waits would have to be held meanwhile.
        const isKept = await writes.run(bytes, 0, async () => {
          if (!(await allowance.take(bytes + OVERHEAD_BYTES, ms, key, by))) return false
          await ask('set', client => client.set(placeOf(kind, key), text, 'PX', ms))
          return true
        })
        if (isKept === false) countFull()
        return isKept ?? refuseBusy('set')
      },
    }
  }
}

/** So that an answer that fails by its own bound is counted as that. */
const GRACE_MS = 5
