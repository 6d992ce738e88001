import type { Clock } from './clock.ts'

/**
 * A clock that never runs back and never runs slower than the machine's monotonic clock: where the wall clock is set
 * back, what was too old stays too old. Set forward it follows, and does not come back. For deciding what has lapsed.
 */
export function createSteadyClock(clock: Clock, monotonicMs: () => number = () => performance.now()): Clock {
  let latest = clock.now()
  let readAt = monotonicMs()
  return {
    now() {
      const monotonic = monotonicMs()
      latest = Math.max(clock.now(), latest + (monotonic - readAt))
      readAt = monotonic
      return latest
    },
  }
}
