import type { Clock } from '../../model/clock.ts'
import { GatewayError } from '../../model/errors.ts'
import type { SystemKey } from '../../model/system.ts'
import type { Counters } from '../../observe/counters.ts'
import type { Log } from '../../observe/log.ts'
import type { Asker } from '../asker.ts'
import { DeadlineError, settledWithin, withinDeadline } from '../deadline.ts'
import { createBreaker } from './breaker.ts'
import { createCallRate } from './call-rate.ts'
import { type Outcome, saysNothing } from './outcome.ts'
import { createRamp, type RampSettings } from './ramp.ts'
import { jitteredSeconds, Refusal, type RefusalReason } from './refusal.ts'
import { createRetryBudget } from './retry-budget.ts'
import { createTurns } from './turns.ts'

/**
 * What stands between the crowd and one restored system: each read waits for its turn under the ramp, passes the breaker and
 * has its deadline; one that fails fast is tried once more, where the budget has it. Called by the restored system.
 */
export interface Shield {
  /**
   * Settles within the deadline, less what the asker has waited already.
   *
   * @param isUsable false for an answer that speaks against the system although it is one
   * @throws Refusal where the system was not asked, or not given its time
   */
  run<T>(asker: Asker, call: Call<T>, isUsable?: (value: T) => boolean): Promise<T>
  state(): ShieldState
}

/** For metrics. */
export interface ShieldState {
  readonly concurrencyLimit: number
  readonly callsPerSecondLimit: number
  readonly inFlight: number
  readonly waiting: number
  readonly isBreakerOpen: boolean
  readonly retriesLeft: number
}

export interface ShieldSettings extends RampSettings {
  /** From how many milliseconds on a call is slow; left out: half of the deadline. */
  readonly slowMs?: number | undefined
  readonly mostWaiting: number
  readonly breaker: { readonly calls: number; readonly faultPercent: number }
  readonly retryPercent: number
}

export interface ShieldOptions {
  readonly system: SystemKey
  readonly settings: ShieldSettings
  /** Most that one read may take, waiting and a second attempt included, in milliseconds. */
  readonly deadlineMs: number
  /** When the system was opened, in milliseconds since the Unix epoch. */
  readonly openedMs: () => number
  /** Never runs back. */
  readonly clock: Clock
  readonly random: () => number
  readonly counters: Counters
  readonly log: Log
}

type Call<T> = (signal: AbortSignal) => Promise<T>
type Failed = Extract<Outcome<never>, { readonly kind: 'failed' }>

/** A second attempt needs this part of the deadline. */
const RETRY_PART = 0.5

export function createShield(options: ShieldOptions): Shield {
  const { system, settings, deadlineMs, openedMs, clock, random, counters, log } = options
  const slowMs = settings.slowMs ?? deadlineMs / 2
  const ramp = createRamp({ ...settings, openedMs, slowMs, clock })
  const retries = createRetryBudget(settings.retryPercent)
  const { mostWaiting } = settings
  const turns = createTurns({ limits: ramp.limits, rate: createCallRate(clock), mostWaiting, refuse, clock })
  const breaker = createBreaker({ ...settings.breaker, clock, onChange: noteBreaker })

  function refuse(reason: RefusalReason, waitMs: number, cause?: unknown): Refusal {
    counters.count('shield_refusals', { system, reason })
    return new Refusal({ system, reason, retryAfterSeconds: jitteredSeconds(waitMs, random), cause })
  }

  function noteBreaker(isOpen: boolean): void {
    counters.count('breaker_changes', { system, to: isOpen ? 'open' : 'closed' })
    if (isOpen) {
      log.warn({ system }, 'a system fails or is too slow; its breaker has opened, and one call at a time tries it')
      ramp.fallBack()
      turns.refuseAll()
    } else log.info({ system }, 'a system answers again; its breaker has closed')
  }

  /** One call, in its turn. */
  async function attempt<T>(asker: Asker, untilMs: number, call: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const probeInMs = breaker.waitMs()
    if (probeInMs > 0) throw refuse('breaker_open', probeInMs)
    const by = asker.also === undefined ? asker.by : turns.soonest([asker.by, ...asker.also])
    const turn = turns.take(by, untilMs)
    if (turn !== null) await turn
    let outcome: Outcome<T> | null = null
    try {
      if (turn !== null) assertStillAdmitted(asker)
      const ended = await (breaker.run(call) ?? Promise.reject(refuse('breaker_open', breaker.waitMs())))
      outcome = ended
      if (!saysNothing(ended)) ramp.note(ended.tookMs, ended.isFault)
      return ended
    } finally {
      giveBack(outcome)
    }
  }

  /** Once the source has let go of the call: one that does not heed its signal keeps its place, for one more deadline at most. */
  function giveBack(outcome: Outcome<unknown> | null): void {
    const tookMs = outcome?.tookMs ?? null
    if (outcome?.kind !== 'failed' || outcome.underWay === null) turns.giveBack(tookMs)
    else void settledWithin(deadlineMs, outcome.underWay).then(() => turns.giveBack(tookMs))
  }

  function assertStillAdmitted({ confirm }: Asker): void {
    try {
      confirm()
    } catch (cause) {
      throw refuse('withdrawn', 0, cause)
    }
  }

  async function timed<T>(untilMs: number, call: Call<T>, isUsable: (value: T) => boolean): Promise<Outcome<T>> {
    const begunMs = clock.now()
    const leftMs = Math.max(0, untilMs - begunMs)
    let underWay: Promise<unknown> | null = null
    try {
      const value = await withinDeadline(leftMs, signal => {
        const source = call(signal)
        underWay = source
        return source
      })
      const tookMs = clock.now() - begunMs
      return { kind: 'answered', value, tookMs, isFault: tookMs >= slowMs || !isUsable(value) }
    } catch (error) {
      const tookMs = clock.now() - begunMs
      // What could not have been slow in the time that it was left has shown nothing by not being done.
      const isLate = error instanceof DeadlineError
      return { kind: 'failed', error, tookMs, isFault: !isLate || leftMs >= slowMs, underWay: isLate ? underWay : null }
    }
  }

  /** What failed fast and may go well at once, where there is time for it. */
  function isWorthRetry({ error, tookMs, isFault }: Failed, untilMs: number): boolean {
    if (!isFault || error instanceof DeadlineError || (error instanceof GatewayError && !error.retryable)) return false
    return tookMs < slowMs && !breaker.isOpen() && untilMs - clock.now() >= deadlineMs * RETRY_PART
  }

  return {
    async run(asker, call, isUsable = () => true) {
      if (asker.waitedMs >= deadlineMs) throw refuse('too_late', 0)
      const untilMs = clock.now() + deadlineMs - asker.waitedMs
      const once = () => attempt(asker, untilMs, () => timed(untilMs, call, isUsable))
      const first = await once()
      retries.earn()
      if (first.kind === 'answered') return first.value
      const failure = first.isFault ? first.error : refuse('too_late', 0, first.error)
      if (!isWorthRetry(first, untilMs) || !retries.spend()) throw failure
      counters.count('shield_retries', { system })
      // A second attempt that is refused has nothing to tell.
      const second = await once().catch((thrown: unknown) => {
        throw thrown instanceof Refusal ? failure : thrown
      })
      if (second.kind === 'failed') throw failure
      return second.value
    },
    state() {
      const { concurrency, callsPerSecond } = ramp.limits()
      return {
        concurrencyLimit: concurrency,
        callsPerSecondLimit: callsPerSecond,
        inFlight: turns.inFlight(),
        waiting: turns.waiting(),
        isBreakerOpen: breaker.isOpen(),
        retriesLeft: retries.left(),
      }
    },
  }
}
