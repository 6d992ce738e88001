import type { Clock } from '../../model/clock.ts'
import { GatewayError } from '../../model/errors.ts'
import { jitteredSeconds } from './refusal.ts'

/**
 * Failures of reads, each remembered for one to two seconds by what was read: readers who come back meanwhile are told the
 * same and do not become calls. Asked by the restored system before each read.
 */
export interface RecentFailures {
  /** Nothing has failed lately, so no read needs a name. */
  isEmpty(): boolean
  /** What is remembered of the read of this name, with a wait of its own where waiting helps; null: nothing. */
  find(name: string): GatewayError | null
  remember(name: string, failure: GatewayError): void
}

export interface RecentFailuresOptions {
  readonly clock: Clock
  readonly random: () => number
  /** Most that are remembered. */
  readonly most?: number
}

const LEAST_MS = 1_000
const SPREAD_MS = 1_000

export function createRecentFailures({ clock, random, most = 10_000 }: RecentFailuresOptions): RecentFailures {
  const failures = new Map<string, { readonly failure: GatewayError; readonly untilMs: number }>()

  /** In the order in which they were remembered, which is nearly that in which they end. */
  function forgetOld(now: number): void {
    for (const [name, { untilMs }] of failures) {
      if (untilMs > now) return
      failures.delete(name)
    }
  }
  return {
    isEmpty() {
      if (failures.size > 0) forgetOld(clock.now())
      return failures.size === 0
    },
    find(name) {
      const found = failures.get(name)
      return found === undefined || found.untilMs <= clock.now() ? null : toldAgain(found.failure, random)
    },
    remember(name, failure) {
      failures.delete(name)
      failures.set(name, { failure, untilMs: clock.now() + LEAST_MS + random() * SPREAD_MS })
      for (const [oldest] of failures) {
        if (failures.size <= most) return
        failures.delete(oldest)
      }
    },
  }
}

function toldAgain(failure: GatewayError, random: () => number): GatewayError {
  const { code, message, details, retryable } = failure
  if (!retryable) return failure
  const retryAfterSeconds = jitteredSeconds(LEAST_MS, random)
  return new GatewayError(code, message, { cause: failure.cause, details: { ...details, retryAfterSeconds } })
}
