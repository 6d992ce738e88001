import type { Clock } from '../model/clock.ts'

/**
 * What is held of each partner for a time, and forgotten at its end. Called by what counts minutes and by what leases from
 * them. At most one entry a partner, and none for long of those who have gone; it has no timers.
 */
export interface Periods<P extends Period> {
  /** Undefined: none is under way. Whichever way a clock is set, a period that it is not within is over. */
  get(partner: string): P | undefined
  /** In place of the one before. */
  begin(partner: string, period: P): void
}

/** In milliseconds since the Unix epoch; the end is not part of it. */
export interface Period {
  readonly beganAtMs: number
  readonly endsAtMs: number
}

const SWEEP_MS = 60_000

export function createPeriods<P extends Period>(clock: Clock): Periods<P> {
  const periods = new Map<string, P>()
  let sweptAtMs = clock.now()

  function sweep(now: number): void {
    if (Math.abs(now - sweptAtMs) < SWEEP_MS) return
    sweptAtMs = now
    for (const [partner, period] of periods) if (!isUnderWay(period, now)) periods.delete(partner)
  }

  return {
    get(partner) {
      const period = periods.get(partner)
      return period !== undefined && isUnderWay(period, clock.now()) ? period : undefined
    },
    begin(partner, period) {
      sweep(clock.now())
      periods.set(partner, period)
    },
  }
}

function isUnderWay({ beganAtMs, endsAtMs }: Period, now: number): boolean {
  return beganAtMs <= now && now < endsAtMs
}
