import type { Clock } from './clock.ts'

/**
 * A clock that never runs back and never runs slower than the machine's monotonic clock: where the wall clock is set
 * back, what was too old stays too old. Set forward it follows, and does not come back. For deciding what has lapsed.
 */
export interface SteadyClock extends Clock {
  /** Puts it forward to a time that is known to have been reached, such as that of an entry of the journal. */
  notBefore(ms: number): void
}

export function createSteadyClock(clock: Clock, monotonicMs: () => number = () => performance.now()): SteadyClock {
  let latest = clock.now()
  let readAt = monotonicMs()
  function now(): number {
    const monotonic = monotonicMs()
    latest = Math.max(clock.now(), latest + (monotonic - readAt))
    readAt = monotonic
    return latest
  }
  return {
    now,
    notBefore(ms) {
      latest = Math.max(now(), ms)
    },
  }
}
