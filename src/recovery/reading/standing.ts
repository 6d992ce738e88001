import type { Clock } from '../../model/clock.ts'
import type { SystemKey } from '../../model/system.ts'
import { type Standing, standingOf } from '../lifecycle/attestations.ts'
import { evidenceUntilMs } from '../lifecycle/closing.ts'
import type { Rules } from '../lifecycle/rules.ts'
import type { Recovery } from '../recovery.ts'
import type { Attestation } from '../system-state.ts'
import { type Evidence, evidenceOf } from './evidence.ts'

/** How the evidence of a system stands as of now: for the graph, for operators, for metrics. */
export interface EvidenceStanding {
  evidence(system: SystemKey): readonly Evidence[]
  attestations(system: SystemKey): readonly (Attestation & { readonly standing: Standing })[]
  /** When the evidence lapses under which the system may be open, RFC 3339; null: it has none that holds. */
  evidenceUntil(system: SystemKey): string | null
}

export interface EvidenceStandingOptions {
  readonly recovery: Pick<Recovery, 'current'>
  readonly rules: Rules
  readonly clock: Clock
}

export function createEvidenceStanding({ recovery, rules, clock }: EvidenceStandingOptions): EvidenceStanding {
  return {
    evidence(system) {
      const { state } = recovery.current()
      return evidenceOf(state.systems[system], state, clock.now(), rules)
    },
    attestations(system) {
      const { state } = recovery.current()
      return state.systems[system].attestations.map(attestation => ({
        ...attestation,
        standing: standingOf(attestation, state, clock.now(), rules),
      }))
    },
    evidenceUntil(system) {
      const { state } = recovery.current()
      const untilMs = evidenceUntilMs(state.systems[system], state, clock.now(), rules)
      return untilMs === null ? null : new Date(untilMs).toISOString()
    },
  }
}
