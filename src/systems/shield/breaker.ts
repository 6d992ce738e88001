import { CircuitState, CountBreaker, circuitBreaker, handleWhenResult } from 'cockatiel'
import type { Clock } from '../../model/clock.ts'
import { type Outcome, saysNothing } from './outcome.ts'

/**
 * Opens where too many of a system's last calls speak against it, and then lets one call at a time through as a probe: the
 * first that goes well closes it. Cockatiel counts the calls and keeps the state; when a probe is due is decided here, by a
 * clock that cannot be set back.
 */
export interface Breaker {
  /** Milliseconds until the next probe; 0: a call may begin. */
  waitMs(): number
  /** Runs a call that may begin now; null where none may. */
  run<T>(call: () => Promise<Outcome<T>>): Promise<Outcome<T>> | null
  isOpen(): boolean
}

export interface BreakerOptions {
  /** It judges by so many calls, and never by fewer. */
  readonly calls: number
  /** So many per cent of these, or more, open it. */
  readonly faultPercent: number
  readonly clock: Clock
  readonly onChange: (isOpen: boolean) => void
}

const PROBE_MS = 1_000
/** What opens again so soon after it closed is flapping, and stays open for as long: two changes a minute. */
const FLAPPING_MS = 60_000
/** Cockatiel opens above its threshold; half a call less makes that from it on. */
const HALF_A_CALL = 0.5
/** Thrown past cockatiel, which counts what returns and what it is told to handle, and nothing else. */
const UNCOUNTED = Symbol('a call that says nothing of the system')

export function createBreaker({ calls, faultPercent, clock, onChange }: BreakerOptions): Breaker {
  const policy = circuitBreaker(
    handleWhenResult(outcome => (outcome as Outcome<unknown>).isFault),
    {
      breaker: new CountBreaker({
        threshold: (Math.ceil((calls * faultPercent) / 100) - HALF_A_CALL) / calls,
        size: calls,
      }),
      // Whoever is let through when it is open is a probe, at any time by the clock of the wall.
      halfOpenAfter: Number.NEGATIVE_INFINITY,
    },
  )
  let isOpen = false
  let closedMs = Number.NEGATIVE_INFINITY
  let probeMs = 0
  let isProbing = false
  /** Which time that it was closed it is, or was. */
  let era = 0

  policy.onBreak(() => {
    const now = clock.now()
    probeMs = now + (!isOpen && now - closedMs < FLAPPING_MS ? FLAPPING_MS : PROBE_MS)
    if (isOpen) return
    isOpen = true
    era += 1
    onChange(true)
  })
  policy.onReset(() => {
    isOpen = false
    closedMs = clock.now()
    onChange(false)
  })

  /** Runs a call of which the policy is shown what is to be counted, and its asker what happened. */
  async function shown<T>(call: () => Promise<Outcome<T>>, counted: (outcome: Outcome<T>) => Outcome<T>) {
    const { promise, resolve } = Promise.withResolvers<Outcome<T>>()
    try {
      await policy.execute(async () => {
        const outcome = await call()
        resolve(outcome)
        const told = counted(outcome)
        if (saysNothing(told)) throw UNCOUNTED
        return told
      })
    } catch (thrown) {
      if (thrown !== UNCOUNTED) throw thrown
    }
    return promise
  }

  /** What began before it opened says nothing of the system since. */
  function closedCall<T>(call: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const begunIn = era
    return shown(call, outcome => (begunIn === era ? outcome : { ...outcome, isFault: false }))
  }

  /** What has not answered has not shown that it can. */
  async function probe<T>(call: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    isProbing = true
    try {
      return await shown(call, outcome => (outcome.kind === 'failed' ? { ...outcome, isFault: true } : outcome))
    } finally {
      isProbing = false
    }
  }

  function waitMs(): number {
    if (policy.state === CircuitState.Closed) return 0
    const untilMs = probeMs - clock.now()
    return isProbing ? Math.max(PROBE_MS, untilMs) : Math.max(0, untilMs)
  }
  return {
    waitMs,
    run(call) {
      if (policy.state === CircuitState.Closed) return closedCall(call)
      return waitMs() > 0 ? null : probe(call)
    },
    isOpen: () => isOpen,
  }
}
