import { abortable } from './abortable.ts'

/**
 * One flight for all who ask at the same time. Called where metadata, tokens and the time of the data are fetched. A
 * failure is everybody's; a flight that nobody waits for any more is given up. It remembers nothing.
 */
export function createFlight<T>(fetch: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let flight: { readonly answer: Promise<T>; readonly controller: AbortController; waiting: number } | null = null

  function takeOff() {
    const controller = new AbortController()
    const started = { answer: fetch(controller.signal), controller, waiting: 0 }
    const land = () => {
      if (flight === started) flight = null
    }
    started.answer.then(land, land)
    return started
  }

  return async signal => {
    signal.throwIfAborted()
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
