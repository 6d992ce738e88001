import type { Clock } from '../../model/clock.ts'
import { abortable } from '../abortable.ts'

/**
 * Remembers the time that a source's data is as of, so that a read does not become two. Callers that come at the
 * same time share one fetch; a failure is not remembered; a fetch that nobody waits for any more is given up.
 */
export type Freshness = (signal: AbortSignal) => Promise<string>

const MAX_AGE_MS = 1_000

interface Flight {
  readonly answer: Promise<string>
  readonly controller: AbortController
  waiting: number
}

export function createFreshness(fetch: Freshness, clock: Clock): Freshness {
  let known: { readonly asOf: string; readonly fetchedAt: number } | null = null
  let flight: Flight | null = null

  function takeOff(): Flight {
    const controller = new AbortController()
    const fetchedAt = clock.now()
    const answer = fetch(controller.signal).then(asOf => {
      known = { asOf, fetchedAt }
      return asOf
    })
    const started: Flight = { answer, controller, waiting: 0 }
    const land = () => {
      if (flight === started) flight = null
    }
    answer.then(land, land)
    return started
  }

  return async signal => {
    signal.throwIfAborted()
    const age = known === null ? -1 : clock.now() - known.fetchedAt
    if (known !== null && age >= 0 && age < MAX_AGE_MS) return known.asOf
    flight ??= takeOff()
    const joined = flight
    joined.waiting += 1
    try {
      return await abortable(joined.answer, signal)
    } finally {
      joined.waiting -= 1
      if (joined.waiting === 0) {
        if (flight === joined) flight = null
        joined.controller.abort()
      }
    }
  }
}
