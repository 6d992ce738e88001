import { setTimeout } from 'node:timers/promises'

/**
 * A client that asks again what was refused, as real ones do: after the time that the refusal names or, where it names none,
 * at once. It makes a crowd out of an outage, which the gateway has to bear.
 */
export interface Attempt {
  /** In a word, as for arrivals. */
  readonly outcome: string
  /** Null: it is over, answered or not. */
  readonly retryAfterMs: number | null
}

export interface Retrying {
  /** For arrivals: resolves with the outcome of the last attempt. */
  ask(n: number): Promise<string>
  /** When each attempt was made, of `performance.now()`; the first ones are the demand. */
  readonly firstMs: readonly number[]
  readonly repeatedMs: readonly number[]
}

/** `attempts`: most that a client makes of one request. */
export function createRetrying(attempt: (n: number) => Promise<Attempt>, attempts: number): Retrying {
  const firstMs: number[] = []
  const repeatedMs: number[] = []
  return {
    firstMs,
    repeatedMs,
    async ask(n) {
      firstMs.push(performance.now())
      let { outcome, retryAfterMs } = await attempt(n)
      for (let made = 1; made < attempts && retryAfterMs !== null; made += 1) {
        await setTimeout(retryAfterMs)
        repeatedMs.push(performance.now())
        ;({ outcome, retryAfterMs } = await attempt(n))
      }
      return outcome
    },
  }
}
