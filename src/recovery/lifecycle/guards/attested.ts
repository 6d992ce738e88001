import type { EVIDENCE_KINDS } from '../../../model/code-lists.ts'
import type { Attestation, EvidenceCheck } from '../../system-state.ts'
import { standingAttestations, strongestPair } from '../attestations.ts'
import type { GuardContext } from '../guard.ts'

/** What is attested of a system at the time of a guard's context: the one way from guards to attestations. */

export interface AttestedCheck {
  readonly check: EvidenceCheck
  readonly attestation: Attestation
}

/** The attestations that are valid now and speak of what was restored. */
export function attestationsIn(context: GuardContext): readonly Attestation[] {
  return standingAttestations(context.system, context.state, context.nowMs, context.rules)
}

/** The two that carry the system now; `revision` null: whatever revision they agree on. */
export function pairIn(context: GuardContext, revision: number | null = null) {
  const pair = strongestPair(context.system, context.state, context.rules, revision)
  return pair !== null && context.nowMs < pair.end.ms ? pair : null
}

/** All checks of the standing attestations. */
export function checksIn(context: GuardContext): readonly AttestedCheck[] {
  return attestationsIn(context).flatMap(attestation => attestation.checks.map(check => ({ check, attestation })))
}

/** The latest check of a kind that a standing attestation says was passed. */
export function passedCheck(context: GuardContext, kind: (typeof EVIDENCE_KINDS)[number]): AttestedCheck | null {
  return (
    checksIn(context)
      .filter(({ check }) => check.kind === kind && check.outcome === 'PASSED')
      .toSorted((one, other) => Date.parse(one.check.at) - Date.parse(other.check.at))
      .at(-1) ?? null
  )
}

export function describeCheck({ check, attestation: { signedBy } }: AttestedCheck): string {
  return `${check.kind} ${check.outcome} at ${check.at}, attested by ${signedBy.name} (${signedBy.role})`
}
