import type { Clock } from '../../model/clock.ts'

/**
 * The wall clock, watched for being set: forth or back, by hand or after a pause of the machine. Called by all that judges
 * proofs, which then knows that a time of before says nothing any more. It notices at its next reading, and corrects nothing.
 */
export interface WatchedClock extends Clock {
  /** The latest time that it had shown when it was last set, in milliseconds since the Unix epoch; -Infinity: it was not. */
  unsureUntil(): number
  /** How often it was set. */
  timesSet(): number
}

export interface WatchedClockOptions {
  readonly clock: Clock
  /** One that nobody can set, in milliseconds since any instant. */
  readonly monotonicMs: () => number
  /** By how much the two may come to differ before the wall clock counts as set. */
  readonly toleranceMs: number
}

export function createWatchedClock({ clock, monotonicMs, toleranceMs }: WatchedClockOptions): WatchedClock {
  let latest = Number.NEGATIVE_INFINITY
  let unsureUntil = Number.NEGATIVE_INFINITY
  let timesSet = 0
  const begin = clock.now() - monotonicMs()
  // Both ends, so that many small steps count for what they add up to.
  let ahead = { least: begin, most: begin }

  function now(): number {
    const wall = clock.now()
    const by = wall - monotonicMs()
    latest = Math.max(latest, wall)
    const isSet = by > ahead.least + toleranceMs || by < ahead.most - toleranceMs
    if (isSet) {
      unsureUntil = latest
      timesSet++
      ahead = { least: by, most: by }
    } else ahead = { least: Math.min(ahead.least, by), most: Math.max(ahead.most, by) }
    return wall
  }

  return {
    now,
    unsureUntil() {
      now()
      return unsureUntil
    },
    timesSet() {
      now()
      return timesSet
    },
  }
}
