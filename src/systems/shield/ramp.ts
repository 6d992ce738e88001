import type { Clock } from '../../model/clock.ts'

/**
 * How much of a system may be asked at once and a second, by the written ramp: from a start to a cap, evenly over the time
 * since its opening. It is the most; what is granted holds while the system struggles, steps back where it clearly does, and
 * grows again by itself. Judged once a second, by the calls of that second.
 */
export interface Ramp {
  /** What is granted now; never above the written line. */
  limits(): Limits
  /** How a call went: one that speaks against the system, or how long it took. */
  note(tookMs: number, isFault: boolean): void
  /** The system has failed altogether: as far back as it goes, until a second of calls has gone well. */
  fallBack(): void
}

export interface Limits {
  /** Calls in flight at once, a whole number. */
  readonly concurrency: number
  readonly callsPerSecond: number
}

export interface RampSettings {
  readonly concurrency: Span
  readonly callsPerSecond: Span
  readonly rampSeconds: number
}

interface Span {
  readonly start: number
  readonly cap: number
}

export interface RampOptions extends RampSettings {
  /** When the system was opened, in milliseconds since the Unix epoch. */
  readonly openedMs: () => number
  /** From how many milliseconds on a call is slow. */
  readonly slowMs: number
  readonly clock: Clock
}

const SECOND_MS = 1_000
/** Of the calls of a second, so many faults hold the ramp, and so many take it back. */
const HOLDING_FAULTS = 0.1
const STRAINED_FAULTS = 0.3
/** Their mean time, as a part of what is slow, that holds the ramp; all of it takes it back. */
const HOLDING_PART_OF_SLOW = 0.5
/** What a second takes away or gives back, and how little is left: it is all there again two good seconds later. */
const STEP = 0.5
const LEAST_SHARE = 0.25
/** A ramp that was held catches up with the written line at this multiple of its pace. */
const CATCH_UP = 2

export function createRamp(options: RampOptions): Ramp {
  const { concurrency, callsPerSecond, openedMs, slowMs, clock } = options
  const rampMs = options.rampSeconds * SECOND_MS
  let opening = Number.NaN
  /** From when the line is drawn: of an opening that was seen, by this clock alone, which may run ahead of the journal's. */
  let sinceMs = 0
  /** How far along the ramp, 0 to 1, and how much of what is due there is granted. */
  let progress = 0
  let share = 1
  let trend: 'growing' | 'holding' | 'strained' = 'growing'
  let second = { sinceMs: 0, calls: 0, faults: 0, tookMs: 0 }
  let granted: Limits = { concurrency: concurrency.start, callsPerSecond: callsPerSecond.start }

  function follow(): void {
    const now = clock.now()
    const isOpened = openedMs() !== opening
    if (isOpened) {
      sinceMs = Number.isNaN(opening) ? openedMs() : Math.max(openedMs(), now)
      opening = openedMs()
    }
    const line = Math.min(1, Math.max(0, (now - sinceMs) / rampMs))
    if (isOpened) {
      progress = line
      share = 1
      trend = 'growing'
    } else {
      const elapsedMs = now - second.sinceMs
      if (elapsedMs < SECOND_MS) return
      // A second without calls shows nothing new.
      if (second.calls > 0) trend = judged()
      else if (trend === 'strained') trend = 'holding'
      if (trend === 'strained') share = Math.max(LEAST_SHARE, share * STEP)
      if (trend === 'growing') {
        share = Math.min(1, share / STEP)
        progress = Math.min(line, progress + (CATCH_UP * elapsedMs) / rampMs)
      }
    }
    second = { sinceMs: now, calls: 0, faults: 0, tookMs: 0 }
    grant()
  }

  function judged(): typeof trend {
    const faults = second.faults / second.calls
    const slowness = second.tookMs / second.calls / slowMs
    if (faults >= STRAINED_FAULTS || slowness >= 1) return 'strained'
    return faults >= HOLDING_FAULTS || slowness >= HOLDING_PART_OF_SLOW ? 'holding' : 'growing'
  }

  function grant(): void {
    const along = ({ start, cap }: Span) => Math.max(1, (start + (cap - start) * progress) * share)
    granted = { concurrency: Math.floor(along(concurrency)), callsPerSecond: along(callsPerSecond) }
  }

  // An opening that comes before the first call is one that was seen.
  follow()
  return {
    limits() {
      follow()
      return granted
    },
    note(tookMs, isFault) {
      follow()
      second.calls += 1
      second.tookMs += tookMs
      if (isFault) second.faults += 1
    },
    fallBack() {
      follow()
      trend = 'holding'
      share = LEAST_SHARE
      grant()
    },
  }
}
