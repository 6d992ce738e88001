import { GatewayError } from '../../model/errors.ts'
import { keyOf } from '../../model/key.ts'
import type { Counters } from '../../observe/counters.ts'
import { type SharedStore, StoreUnavailable } from '../../store/shared-store.ts'
import type { Nonces } from './nonces.ts'
import type { Proof } from './proof.ts'
import { isSharedNonce, type SharedNonces } from './shared-nonces.ts'
import type { UsedProofs } from './used-proofs.ts'
import type { WatchedClock } from './watched-clock.ts'

/**
 * Sees to it that a proof is good for one use, in all instances together and over their restarts. The shared store
 * decides where it answers and cannot have forgotten, which a nonce may have to show; where it does not answer, only a
 * proof made for this very process is taken.
 */
export interface SingleUse {
  /**
   * Takes a verified proof of a client. `nonce`: the one to use from now on; null: as before. Throws `NonceRequired` where
   * nothing says that the proof is new, and a plain `Error` where it is not; SYSTEM_UNAVAILABLE where no more of the
   * client's can be remembered.
   */
  take(proof: Proof, clientId: string): Promise<{ readonly nonce: string | null }>
}

export class NonceRequired extends Error {
  override readonly name = 'NonceRequired'
  readonly nonce: string

  constructor(nonce: string) {
    super('the proof needs a nonce')
    this.nonce = nonce
  }
}

export interface SingleUseOptions {
  /** Null: this process decides by itself. */
  readonly store: ProofStore | null
  readonly nonces: Nonces
  readonly used: UsedProofs
  /** For how long the store keeps a use: at least as long as any instance could take the proof. */
  readonly keepMs: number
  /** How far the clocks of clients and instances may be off, each. */
  readonly clockSkewMs: number
  readonly clock: WatchedClock
  readonly counters: Counters
}

export interface ProofStore extends Pick<SharedStore, 'claim' | 'connectedSince'> {
  readonly nonces: SharedNonces
}

/** FIRST: of all uses. UNSURE: the store may have forgotten another. AWAY: it does not answer. */
type Verdict = 'FIRST' | 'UNSURE' | 'AWAY'

export function createSingleUse(options: SingleUseOptions): SingleUse {
  const { store, nonces, used, keepMs, clockSkewMs, clock, counters } = options
  const outcome = {
    accepted: counters.counter('dpop_proofs', { outcome: 'accepted' }),
    replayed: counters.counter('dpop_proofs', { outcome: 'replayed' }),
    nonce: counters.counter('dpop_proofs', { outcome: 'nonce_required' }),
    full: counters.counter('dpop_proofs', { outcome: 'full' }),
  }

  const replayed = (): Error => {
    outcome.replayed()
    return new Error('the proof was used before')
  }

  /**
   * Whether the store cannot have forgotten a use. It may have forgotten what was before its connection, or before the
   * clock was set; and the clock of the client may be ahead and this one behind.
   */
  const isRemembered = (since: number, issuedAtMs: number): boolean =>
    issuedAtMs > Math.max(since, clock.unsureUntil()) + 2 * clockSkewMs

  async function verdictOf(key: string, { issuedAtMs, nonce }: Proof): Promise<Verdict> {
    const since = store?.connectedSince() ?? null
    if (store === null || since === null) return 'AWAY'
    try {
      if (!isRemembered(since, issuedAtMs) && !(nonce !== null && (await store.nonces.isRecent(nonce)))) return 'UNSURE'
      if (!(await store.claim(key, keepMs))) throw replayed()
    } catch (thrown) {
      if (thrown instanceof StoreUnavailable) return 'AWAY'
      throw thrown
    }
    // Had it come back in between, it would say so now.
    return store.connectedSince() === since ? 'FIRST' : 'UNSURE'
  }

  /** A nonce for the next proof: for every instance where the store can keep one, else for this one. */
  async function nonceFor(verdict: Verdict): Promise<string> {
    if (store === null || verdict === 'AWAY') return nonces.issue()
    try {
      return await store.nonces.issue()
    } catch (thrown) {
      if (thrown instanceof StoreUnavailable) return nonces.issue()
      throw thrown
    }
  }

  function takeHere(key: string, clientId: string, isEnding: boolean): { readonly nonce: string | null } {
    switch (used.take(key, clientId)) {
      case 'USED':
        throw replayed()
      case 'FULL':
        outcome.full()
        throw new GatewayError('SYSTEM_UNAVAILABLE', 'Too many proofs to check at the moment. Ask again in a while.', {
          details: { retryAfterSeconds: Math.ceil(keepMs / 1_000) },
        })
      case 'TAKEN':
        // Not renewed once the store answers: these nonces tie a client to one instance.
        return { nonce: isEnding && (store?.connectedSince() ?? null) === null ? nonces.issue() : null }
    }
  }

  return {
    async take(proof, clientId) {
      const { jkt, jti, nonce, issuedAtMs } = proof
      const key = keyOf('dpop', jkt, jti)
      const standing = nonce === null || isSharedNonce(nonce) ? null : nonces.standingOf(nonce, issuedAtMs)
      if (standing?.kind === 'CURRENT') {
        const taken = takeHere(key, clientId, standing.isEnding)
        outcome.accepted()
        return taken
      }
      const verdict = standing?.kind === 'OTHER' ? 'UNSURE' : await verdictOf(key, proof)
      if (verdict === 'FIRST') {
        outcome.accepted()
        return { nonce: null }
      }
      outcome.nonce()
      throw new NonceRequired(await nonceFor(verdict))
    },
  }
}
