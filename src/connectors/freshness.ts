import type { Clock } from '../model/clock.ts'
import { createFlight } from './flight.ts'

/**
 * Remembers the time that a source's data is as of, so that a read does not become two. Callers that come at the
 * same time share one fetch; a failure is not remembered; a fetch that nobody waits for any more is given up.
 */
export type Freshness = (signal: AbortSignal) => Promise<string>

const MAX_AGE_MS = 1_000

export function createFreshness(fetch: Freshness, clock: Clock): Freshness {
  let known: { readonly asOf: string; readonly fetchedAt: number } | null = null
  const fetched = createFlight(async signal => {
    const fetchedAt = clock.now()
    const asOf = await fetch(signal)
    known = { asOf, fetchedAt }
    return asOf
  })
  return async signal => {
    signal.throwIfAborted()
    const age = known === null ? -1 : clock.now() - known.fetchedAt
    return known !== null && age >= 0 && age < MAX_AGE_MS ? known.asOf : fetched(signal)
  }
}
