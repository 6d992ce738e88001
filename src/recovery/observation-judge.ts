import type { Clock } from '../model/clock.ts'
import type { SystemKey } from '../model/system.ts'
import { strongestPair } from './lifecycle/attestations.ts'
import { driftOf } from './lifecycle/control-totals.ts'
import type { Observation } from './lifecycle/observation.ts'
import type { Rules } from './lifecycle/rules.ts'
import { isSuspendable } from './lifecycle/suspension.ts'
import type { LiveState } from './live-state.ts'

/**
 * Closes a system where what was seen of it does not agree with what was attested, or where its data has been silent for
 * too long. That a system did not answer closes nothing: then it serves nothing either.
 */
export interface ObservationJudge {
  judge(system: SystemKey, observation: Observation): void
}

export interface ObservationJudgeOptions {
  readonly live: LiveState
  readonly rules: Rules
  /** Must not run back. */
  readonly clock: Clock
}

const HOUR_MS = 3_600_000

export function createObservationJudge({ live, rules, clock }: ObservationJudgeOptions): ObservationJudge {
  /** The time of each system's data as it was last seen: a system that does not answer is no fresher for it. */
  const lastAsOf = new Map<SystemKey, string>()

  function silence(system: SystemKey): string | null {
    const asOf = lastAsOf.get(system)
    const { feedSilentHours } = rules.policy
    if (asOf === undefined || clock.now() - Date.parse(asOf) <= feedSilentHours * HOUR_MS) return null
    return `the data is as of ${asOf}; it may be ${feedSilentHours} h old`
  }

  return {
    judge(system, observation) {
      if (observation.asOf !== null) lastAsOf.set(system, observation.asOf)
      const { state } = live.current()
      const subject = state.systems[system]
      if (!isSuspendable(subject.lifecycle)) return
      const pair = strongestPair(subject, state, rules)
      const drift =
        pair && observation.failure === null ? driftOf([pair.owner, pair.investigator], observation.totals) : []
      if (drift.length > 0) live.close(system, { cause: 'CONTROL_TOTALS_DRIFTED', reason: drift.join('; ') })
      const silent = silence(system)
      if (silent !== null) live.close(system, { cause: 'FEED_SILENT', reason: silent })
    },
  }
}
