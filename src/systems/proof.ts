import type { Clock } from '../model/clock.ts'

/**
 * A proof that must be shown once before anything else happens. Until it has been, each caller waits for the attempt
 * under way; a failed attempt is remembered for a second, so that readers do not become attempts.
 */
export interface Proof {
  /** Resolves when the proof has been shown; rejects with the reason of the last attempt. */
  shown(): Promise<void>
}

const FAILURE_REMEMBERED_MS = 1_000

export function createProof(attempt: () => Promise<void>, clock: Clock): Proof {
  let current: Promise<void> | null = null
  let failedAt: number | null = null
  return {
    shown() {
      if (failedAt !== null && clock.now() - failedAt >= FAILURE_REMEMBERED_MS) {
        current = null
        failedAt = null
      }
      current ??= attempt().catch((failure: unknown) => {
        failedAt = clock.now()
        throw failure
      })
      return current
    },
  }
}
