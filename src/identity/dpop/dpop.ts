import type { DpopSettings } from '../../config/identity-schema.ts'
import type { Clock } from '../../model/clock.ts'
import { createSteadyClock } from '../../model/steady-clock.ts'
import type { Counters } from '../../observe/counters.ts'
import type { SharedStore } from '../../store/shared-store.ts'
import { createNonces } from './nonces.ts'
import { createProofVerifier, type ProvenRequest } from './proof.ts'
import { createSingleUse } from './single-use.ts'
import { createUsedProofs } from './used-proofs.ts'

/**
 * DPoP (RFC 9449) as configured: whoever sends a token shows, with each request, that it holds the key to which the
 * token is bound. Built by `createIdentity`, called by the check of senders.
 */
export interface Dpop {
  readonly algorithms: readonly string[]
  /** Takes the proofs of a request, of which there must be one. Throws as `ProofVerifier` and `SingleUse` do. */
  check(proofs: readonly string[], request: ProvenRequest): Promise<{ readonly nonce: string | null }>
}

export interface DpopOptions {
  readonly settings: DpopSettings
  readonly publicUrls: readonly string[]
  readonly clockSkewSeconds: number
  readonly store: Pick<SharedStore, 'claim' | 'connectedSince'> | null
  readonly clock: Clock
  readonly counters: Counters
  /** Most proofs that are remembered in this process, where no store is. Default 200,000: some 40 MiB. */
  readonly maxUsedProofs?: number
}

export function createDpop(options: DpopOptions): Dpop {
  const { settings, publicUrls, clockSkewSeconds, store, counters, maxUsedProofs = 200_000 } = options
  const { algorithms, proofSeconds, nonceSeconds } = settings
  // What is too old stays so: were the clock set back, a proof that is forgotten could be used again.
  const clock = createSteadyClock(options.clock)
  const verify = createProofVerifier({ publicUrls, algorithms, proofSeconds, clockSkewSeconds, clock })
  const singleUse = createSingleUse({
    store: store && onSteadyTime(store, options.clock, clock),
    nonces: createNonces({ lifetimeSeconds: nonceSeconds, clock }),
    used: createUsedProofs({ spanSeconds: proofSeconds + clockSkewSeconds + 1, max: maxUsedProofs, clock }),
    proofSeconds,
    clockSkewSeconds,
    clock,
    counters,
  })
  return {
    algorithms,
    async check(proofs, request) {
      const [proof] = proofs
      if (proof === undefined || proofs.length > 1) throw new Error(`there are ${proofs.length} DPoP headers, not one`)
      return singleUse.take(await verify(proof, request))
    },
  }
}

/** The store's word in the time that proofs are judged by: it counts by the machine's clock, which may have been set back. */
function onSteadyTime(store: NonNullable<DpopOptions['store']>, machine: Clock, steady: Clock): typeof store {
  return {
    claim: (key, ttlMs) => store.claim(key, ttlMs),
    connectedSince() {
      const since = store.connectedSince()
      return since === null ? null : since + steady.now() - machine.now()
    },
  }
}
