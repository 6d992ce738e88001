import { randomBytes } from 'node:crypto'
import { keyOf } from '../../model/key.ts'
import { type SharedStore, StoreUnavailable } from '../../store/shared-store.ts'

/**
 * Nonces that every instance takes, kept in the shared store. A proof that carries one was made since the store was last
 * connected, so the store knows of each use of it, though it may have forgotten what was before. No clock is asked.
 */
export interface SharedNonces {
  /** Rejects with `StoreUnavailable`. */
  issue(): Promise<string>
  /** Whether a nonce is in force, and was made since this process was last connected. Rejects with `StoreUnavailable`. */
  isRecent(nonce: string): Promise<boolean>
}

export type NonceStore = Pick<SharedStore, 'connectedSince' | 'sum' | 'addWithin'>

export interface SharedNoncesOptions {
  readonly store: NonceStore
  readonly lifetimeMs: number
  readonly monotonicMs: () => number
}

/** What is known of one connection. */
interface Acquaintance {
  readonly since: number
  /** All that has this number or a greater one came into the store later than this connection. */
  readonly floor: number
  readonly own: { readonly nonce: string; readonly madeAt: number }
}

const FORM = /^s\.[A-Za-z0-9_-]{22}$/
const COUNT = keyOf('dpop-nonces')
/** Ten years: were the count to begin anew, old nonces would look recent. */
const COUNT_TTL_MS = 315_360_000_000

/** Told by its form, which nonces of one process do not have: with them, a proof is never taken past the store. */
export const isSharedNonce = (nonce: string): boolean => FORM.test(nonce)

export function createSharedNonces({ store, lifetimeMs, monotonicMs }: SharedNoncesOptions): SharedNonces {
  let known: Acquaintance | null = null
  let making: Promise<string> | undefined

  /**
   * Counts on. A store that loses its latest writes loses them in order: a nonce that it still has never has a greater
   * number than the count that it still has, so whoever counts on after a loss has a number above all that was before.
   */
  const nextNumber = async () => (await store.addWithin(COUNT, 1, Number.MAX_SAFE_INTEGER, COUNT_TTL_MS)).total

  const acquaintance = () => (known !== null && known.since === store.connectedSince() ? known : null)

  async function make(): Promise<string> {
    const since = store.connectedSince()
    const madeAt = monotonicMs()
    const nonce = `s.${randomBytes(16).toString('base64url')}`
    const number = await nextNumber()
    await store.addWithin(keyOf('dpop-nonce', nonce), number, Number.MAX_SAFE_INTEGER, lifetimeMs)
    // The number may be that of a store that was lost meanwhile.
    if (since === null || since !== store.connectedSince())
      throw new StoreUnavailable('the shared store went away while a nonce was made')
    known = { since, floor: acquaintance()?.floor ?? number, own: { nonce, madeAt } }
    return nonce
  }

  return {
    async issue() {
      const { own } = acquaintance() ?? {}
      if (own !== undefined && monotonicMs() - own.madeAt < lifetimeMs / 2) return own.nonce
      making ??= make().finally(() => {
        making = undefined
      })
      return making
    },
    async isRecent(nonce) {
      const before = acquaintance()
      if (before === null || !isSharedNonce(nonce)) return false
      const number = (await store.sum(keyOf('dpop-nonce', nonce)))?.total ?? 0
      return number >= before.floor && before.since === store.connectedSince()
    },
  }
}
