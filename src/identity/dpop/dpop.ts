import type { DpopSettings } from '../../config/identity-schema.ts'
import type { Clock } from '../../model/clock.ts'
import type { Counters } from '../../observe/counters.ts'
import type { SharedStore } from '../../store/shared-store.ts'
import { createNonces } from './nonces.ts'
import { createProofVerifier, type ProvenRequest } from './proof.ts'
import { createSharedNonces, type NonceStore } from './shared-nonces.ts'
import { createSingleUse } from './single-use.ts'
import { createUsedProofs } from './used-proofs.ts'
import { createWatchedClock } from './watched-clock.ts'

/**
 * DPoP (RFC 9449) as configured: whoever sends a token shows, with each request, that it holds the key to which the
 * token is bound. Built by `createIdentity`, called by the check of senders.
 */
export interface Dpop {
  readonly algorithms: readonly string[]
  /** Takes the proofs of a request, of which there must be one. Throws as `ProofVerifier` and `SingleUse` do. */
  check(proofs: readonly string[], request: ProvenRequestOfClient): Promise<{ readonly nonce: string | null }>
}

export interface ProvenRequestOfClient extends ProvenRequest {
  /** Whose token it is, by word of the issuer. */
  readonly clientId: string
}

/** What single use needs of the shared store, all of it over one connection. */
export type DpopStore = NonceStore & Pick<SharedStore, 'claim'>

export interface DpopOptions {
  readonly settings: DpopSettings
  readonly publicUrls: readonly string[]
  readonly clockSkewSeconds: number
  readonly store: DpopStore | null
  readonly clock: Clock
  /** A clock that nobody can set, in milliseconds since any instant. Default: that of the process. */
  readonly monotonicMs?: () => number
  readonly counters: Counters
  /** Most proofs that are remembered in this process, where no store is; of one client a tenth. Default 200,000: some 40 MiB. */
  readonly maxUsedProofs?: number
}

export function createDpop(options: DpopOptions): Dpop {
  const { settings, publicUrls, clockSkewSeconds, store, counters } = options
  const { monotonicMs = () => performance.now(), maxUsedProofs = 200_000 } = options
  const { algorithms, proofSeconds, nonceSeconds } = settings
  const clockSkewMs = clockSkewSeconds * 1_000
  // Above the grain of the clocks, which differ by it from one reading to the next.
  const toleranceMs = clockSkewMs + 1_000
  // A proof may be taken from a skew before its time until it is too old, and later by what a clock loses unseen.
  const usableMs = proofSeconds * 1_000 + clockSkewMs + toleranceMs
  const keepMs = usableMs + 1_000
  const clock = createWatchedClock({ clock: options.clock, monotonicMs, toleranceMs })
  const verify = createProofVerifier({ publicUrls, algorithms, proofSeconds, clockSkewSeconds, clock })
  const singleUse = createSingleUse({
    store: store && {
      claim: (key, ttlMs) => store.claim(key, ttlMs),
      connectedSince: () => store.connectedSince(),
      // Shorter than a use is kept: whatever becomes of the clocks, its nonce ends before the use is forgotten.
      nonces: createSharedNonces({ store, lifetimeMs: usableMs, monotonicMs }),
    },
    nonces: createNonces({ lifetimeSeconds: nonceSeconds, clock }),
    used: createUsedProofs({
      spanMs: keepMs,
      max: maxUsedProofs,
      maxPerClient: Math.ceil(maxUsedProofs / 10),
      monotonicMs,
    }),
    keepMs,
    clockSkewMs,
    clock,
    counters,
  })
  return {
    algorithms,
    async check(proofs, request) {
      const [proof] = proofs
      if (proof === undefined || proofs.length > 1) throw new Error(`there are ${proofs.length} DPoP headers, not one`)
      return singleUse.take(await verify(proof, request), request.clientId)
    },
  }
}
