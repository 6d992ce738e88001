import type { Clock } from '../../model/clock.ts'
import type { SystemKey } from '../../model/system.ts'
import { liesAhead } from '../../model/time-ahead.ts'
import { standingAttestations } from '../lifecycle/attestations.ts'
import { driftOf } from '../lifecycle/control-totals.ts'
import type { Observation } from '../lifecycle/observation.ts'
import type { Rules } from '../lifecycle/rules.ts'
import { isSuspendable } from '../lifecycle/suspension.ts'
import type { Attestation } from '../system-state.ts'
import type { LiveState } from './live-state.ts'

/**
 * Closes a system where what was seen of it does not agree with what was attested, where it took a write, or where its
 * data has been silent for too long. What could not be seen closes nothing: a system that does not answer serves nothing either.
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
    judge(system, { asOf, totals, writeAccepted }) {
      // A time that lies ahead would keep the silence from ever being noticed.
      if (asOf !== null && !liesAhead(asOf, clock.now())) lastAsOf.set(system, asOf)
      const { state } = live.current()
      const subject = state.systems[system]
      if (!isSuspendable(subject.lifecycle)) return
      const attested = standingAttestations(subject, state, clock.now(), rules)
      const drift = driftOf(measuredOnly(attested, totals), totals)
      if (drift.length > 0) live.close(system, { cause: 'CONTROL_TOTALS_DRIFTED', reason: drift.join('; ') })
      if (writeAccepted)
        live.close(system, { cause: 'WRITE_ACCEPTED', reason: 'the system accepted a write of the gateway’s account' })
      const silent = silence(system)
      if (silent !== null) live.close(system, { cause: 'FEED_SILENT', reason: silent })
    },
  }
}

/** What could not be measured is no drift: the system may not have answered, and then it serves nothing either. */
function measuredOnly(
  attestations: readonly Attestation[],
  measured: Observation['totals'],
): readonly Pick<Attestation, 'totals'>[] {
  return attestations.map(({ totals }) => ({
    totals: Object.fromEntries(Object.entries(totals).filter(([relation]) => Object.hasOwn(measured, relation))),
  }))
}
