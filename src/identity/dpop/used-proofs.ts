import type { Clock } from '../../model/clock.ts'

/**
 * The proofs that this process has taken under its own nonces. Called where no shared store decides. It is bounded, and
 * full it takes nothing: to forget a proof early would let it be used again.
 */
export interface UsedProofs {
  /** Marks a proof as used: TAKEN by this call, USED before it, or FULL. */
  take(key: string): 'TAKEN' | 'USED' | 'FULL'
}

export interface UsedProofsOptions {
  /** For how long any proof can be used, from its first use. */
  readonly spanSeconds: number
  readonly max: number
  /** One that never runs back. */
  readonly clock: Clock
}

export function createUsedProofs({ spanSeconds, max, clock }: UsedProofsOptions): UsedProofs {
  // Two generations: what stands in the older one was taken at least one span before it goes.
  let current = new Set<string>()
  let previous = new Set<string>()
  let begunAt = clock.now()

  function turn(): void {
    const age = clock.now() - begunAt
    if (age < spanSeconds * 1_000) return
    previous = age < spanSeconds * 2_000 ? current : new Set()
    current = new Set()
    begunAt = clock.now()
  }

  return {
    take(key) {
      turn()
      if (current.has(key) || previous.has(key)) return 'USED'
      if (current.size + previous.size >= max) return 'FULL'
      current.add(key)
      return 'TAKEN'
    },
  }
}
