import { NoAnswer, type NoAnswerOptions } from '../no-answer.ts'

/**
 * Thrown where a read was not begun, or not given the time that a read needs: it says that the gateway holds back, and
 * nothing about the system. So it is no failure of the system to anybody who counts or remembers those.
 */
export class Refusal extends NoAnswer {
  constructor({ reason, ...options }: RefusalOptions) {
    super(reason === 'too_late' || reason === 'waited_out' ? 'DEADLINE_EXCEEDED' : 'SYSTEM_UNAVAILABLE', options)
  }
}

export interface RefusalOptions extends NoAnswerOptions {
  readonly reason: RefusalReason
}

/**
 * `breaker_open`: the system fails; `no_time`: its turn would come too late; `queue_full`: too many wait already;
 * `waited_out`: its turn has not come in time; `too_late`: waiting had used up the time of the read itself; `withdrawn`: when
 * its turn came, it might no longer read.
 */
export type RefusalReason = 'breaker_open' | 'no_time' | 'queue_full' | 'waited_out' | 'too_late' | 'withdrawn'

/** Waits are spread over so many seconds at least. */
const LEAST_SPREAD_SECONDS = 3

/** Whole seconds from `ms` to about twice that, at random, so that a crowd does not come back together. */
export function jitteredSeconds(ms: number, random: () => number): number {
  const least = Math.max(1, Math.ceil(ms / 1_000))
  return least + Math.floor(random() * Math.max(LEAST_SPREAD_SECONDS, least))
}
