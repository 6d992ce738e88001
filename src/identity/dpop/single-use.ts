import type { Clock } from '../../model/clock.ts'
import { GatewayError } from '../../model/errors.ts'
import { keyOf } from '../../model/key.ts'
import type { Counters } from '../../observe/counters.ts'
import { type SharedStore, StoreUnavailable } from '../../store/shared-store.ts'
import type { Nonces } from './nonces.ts'
import type { Proof } from './proof.ts'
import type { UsedProofs } from './used-proofs.ts'

/**
 * Sees to it that a proof is good for one use, in all instances together and over their restarts. The shared store
 * decides where it answers and cannot have forgotten; else only a proof made for this very process is taken.
 */
export interface SingleUse {
  /**
   * Takes a verified proof. `nonce`: the one to use from now on; null: as before. Throws `NonceRequired` where nothing
   * says that the proof is new, and a plain `Error` where it is not; SYSTEM_UNAVAILABLE where no more can be remembered.
   */
  take(proof: Proof): Promise<{ readonly nonce: string | null }>
}

export class NonceRequired extends Error {
  override readonly name = 'NonceRequired'
  readonly nonce: string

  constructor(nonce: string) {
    super('the proof needs a nonce of this instance')
    this.nonce = nonce
  }
}

export interface SingleUseOptions {
  readonly store: Pick<SharedStore, 'claim' | 'connectedSince'> | null
  readonly nonces: Nonces
  readonly used: UsedProofs
  readonly proofSeconds: number
  /** How far the clocks of clients and instances may be off. */
  readonly clockSkewSeconds: number
  /** One that never runs back. */
  readonly clock: Clock
  readonly counters: Counters
}

export function createSingleUse(options: SingleUseOptions): SingleUse {
  const { store, nonces, used, clock, counters } = options
  const skewMs = options.clockSkewSeconds * 1_000
  const proofMs = options.proofSeconds * 1_000
  const outcome = {
    accepted: counters.counter('dpop_proofs', { outcome: 'accepted' }),
    replayed: counters.counter('dpop_proofs', { outcome: 'replayed' }),
    nonce: counters.counter('dpop_proofs', { outcome: 'nonce_required' }),
    full: counters.counter('dpop_proofs', { outcome: 'full' }),
  }

  /** What was written before the store was last connected may be gone: proofs that old could have been used. */
  const isRemembered = (issuedAtMs: number): boolean => {
    const since = store?.connectedSince() ?? null
    return since !== null && issuedAtMs > since + skewMs
  }

  const replayed = (): Error => {
    outcome.replayed()
    return new Error('the proof was used before')
  }

  /** Whether the store knows, and says that it is the first use; false: it does not know. */
  async function isFirstByStore(key: string, { issuedAtMs }: Proof): Promise<boolean> {
    if (store === null) return false
    try {
      // As long as any instance could take it, the clocks of which may differ.
      const isFirst = await store.claim(key, Math.ceil(issuedAtMs + proofMs + skewMs - clock.now()) + 1_000)
      if (!isFirst) throw replayed()
    } catch (thrown) {
      if (!(thrown instanceof StoreUnavailable)) throw thrown
      return false
    }
    // Asked after the claim: had the store come back in between, it would say so now.
    return isRemembered(issuedAtMs)
  }

  function takeHere(key: string, isEnding: boolean): { readonly nonce: string | null } {
    switch (used.take(key)) {
      case 'USED':
        throw replayed()
      case 'FULL':
        outcome.full()
        throw new GatewayError('SYSTEM_UNAVAILABLE', 'Too many proofs to check at the moment. Ask again in a while.', {
          details: { retryAfterSeconds: options.proofSeconds },
        })
      case 'TAKEN':
        // Not renewed once the store can decide: nonces tie a client to one instance.
        return { nonce: isEnding && !isRemembered(clock.now()) ? nonces.issue() : null }
    }
  }

  return {
    async take(proof) {
      const { jkt, jti, nonce, issuedAtMs } = proof
      const key = keyOf('dpop', jkt, jti)
      const standing = nonce === null ? null : nonces.standingOf(nonce, issuedAtMs)
      if (standing?.kind === 'CURRENT') {
        const taken = takeHere(key, standing.isEnding)
        outcome.accepted()
        return taken
      }
      if (standing?.kind !== 'OTHER' && (await isFirstByStore(key, proof))) {
        outcome.accepted()
        return { nonce: null }
      }
      outcome.nonce()
      throw new NonceRequired(nonces.issue())
    },
  }
}
