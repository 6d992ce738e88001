/**
 * The proofs that this process has taken under its own nonces. Called where no shared store decides. It is bounded, in all
 * and for each client, and full it takes nothing: to forget a proof early would let it be used again.
 */
export interface UsedProofs {
  /** Marks a proof of a client as used: TAKEN by this call, USED before it, or FULL, in all or for this client. */
  take(key: string, clientId: string): 'TAKEN' | 'USED' | 'FULL'
}

export interface UsedProofsOptions {
  /** For how long any proof can be used, from its first use. */
  readonly spanMs: number
  readonly max: number
  /** Most of one client, whatever keys it has. */
  readonly maxPerClient: number
  /** One that nobody can set, in milliseconds since any instant. */
  readonly monotonicMs: () => number
}

interface Generation {
  readonly keys: Set<string>
  readonly byClient: Map<string, number>
}

const createGeneration = (): Generation => ({ keys: new Set(), byClient: new Map() })

export function createUsedProofs({ spanMs, max, maxPerClient, monotonicMs }: UsedProofsOptions): UsedProofs {
  // Two generations: what stands in the older one was taken at least one span before it goes.
  let current = createGeneration()
  let previous = createGeneration()
  let begunAt = monotonicMs()

  function turn(): void {
    const age = monotonicMs() - begunAt
    if (age < spanMs) return
    previous = age < spanMs * 2 ? current : createGeneration()
    current = createGeneration()
    begunAt = monotonicMs()
  }

  return {
    take(key, clientId) {
      turn()
      if (current.keys.has(key) || previous.keys.has(key)) return 'USED'
      const count = current.byClient.get(clientId) ?? 0
      if (current.keys.size + previous.keys.size >= max) return 'FULL'
      if (count + (previous.byClient.get(clientId) ?? 0) >= maxPerClient) return 'FULL'
      current.keys.add(key)
      current.byClient.set(clientId, count + 1)
      return 'TAKEN'
    },
  }
}
