import type { Clock } from '../../model/clock.ts'
import type { CallRate } from './call-rate.ts'
import { createFairLine } from './fair-line.ts'
import type { Limits } from './ramp.ts'
import type { Refusal, RefusalReason } from './refusal.ts'

/**
 * Who may call the system now, within the ramp's limits. The others wait, partners in turn, for as long as their own deadline
 * lets them; whose turn would come too late is told so at once.
 */
export interface Turns {
  /** Null: it is the caller's turn now. A turn that comes must be given back. Throws, or rejects with, a `Refusal`. */
  take(by: string, untilMs: number): Promise<void> | null
  /** What had the turn is over, after so long; null: it has not called. */
  giveBack(tookMs: number | null): void
  /** Sends away all who wait. */
  refuseAll(): void
  /** Of several partners, the one whose turn comes first. */
  soonest(partners: readonly string[]): string
  inFlight(): number
  waiting(): number
}

export interface TurnsOptions {
  readonly limits: () => Limits
  readonly rate: CallRate
  /** Most that wait at once. */
  readonly mostWaiting: number
  /** @param waitMs how long a turn would take to come */
  readonly refuse: (reason: RefusalReason, waitMs: number) => Refusal
  readonly clock: Clock
}

interface Waiting {
  readonly by: string
  readonly untilMs: number
  readonly timer: NodeJS.Timeout
  readonly grant: () => void
  readonly reject: (refusal: Refusal) => void
}

/** What one call weighs in the mean time of a call. */
const WEIGHT = 0.1

export function createTurns({ limits, rate, mostWaiting, refuse, clock }: TurnsOptions): Turns {
  const line = createFairLine<Waiting>()
  let inFlight = 0
  /** Mean time of a call. */
  let callMs = 0
  let isTimed = false

  /** Takes a place in flight, where there is one; where only the rate is in the way, the line is served when it no longer is. */
  function begin(): boolean {
    const { concurrency, callsPerSecond } = limits()
    if (inFlight >= concurrency) return false
    const waitMs = rate.take(callsPerSecond)
    if (waitMs > 0) {
      serveIn(waitMs)
      return false
    }
    inFlight += 1
    return true
  }

  function serveIn(ms: number): void {
    if (isTimed) return
    isTimed = true
    setTimeout(() => {
      isTimed = false
      serve()
    }, Math.ceil(ms))
  }

  function serve(): void {
    while (line.size > 0 && begin()) {
      const next = nextInTime()
      if (next === undefined) inFlight -= 1
      else next.grant()
    }
  }

  /** Whose time is too short for a call would only waste it. */
  function nextInTime(): Waiting | undefined {
    for (let next = line.next(); next !== undefined; next = line.next()) {
      clearTimeout(next.timer)
      if (clock.now() + callMs < next.untilMs) return next
      next.reject(refuse('waited_out', expectedMs(next.by)))
    }
    return undefined
  }

  function expectedMs(by: string): number {
    const { concurrency, callsPerSecond } = limits()
    return (line.ahead(by) + 1) * Math.max(1_000 / callsPerSecond, callMs / concurrency)
  }

  function wait(by: string, untilMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      line.remove(by, waiting)
      reject(refuse('waited_out', expectedMs(by)))
    }, untilMs - clock.now())
    const waiting: Waiting = { by, untilMs, timer, grant: resolve, reject }
    line.add(by, waiting)
    return promise
  }

  return {
    take(by, untilMs) {
      if (line.size === 0 && begin()) return null
      const waitMs = expectedMs(by)
      if (clock.now() + waitMs + callMs > untilMs) throw refuse('no_time', waitMs)
      if (line.size >= mostWaiting) {
        const dropped = line.dropNewest(by)
        if (dropped === undefined) throw refuse('queue_full', waitMs)
        clearTimeout(dropped.timer)
        dropped.reject(refuse('queue_full', expectedMs(dropped.by)))
      }
      return wait(by, untilMs)
    },
    giveBack(tookMs) {
      inFlight -= 1
      if (tookMs !== null) callMs += (tookMs - callMs) * WEIGHT
      serve()
    },
    refuseAll() {
      for (let next = line.next(); next !== undefined; next = line.next()) {
        clearTimeout(next.timer)
        next.reject(refuse('breaker_open', 0))
      }
    },
    soonest: partners => partners.reduce((one, other) => (line.ahead(other) < line.ahead(one) ? other : one)),
    inFlight: () => inFlight,
    waiting: () => line.size,
  }
}
