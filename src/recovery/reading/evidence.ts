import { ATTESTER_ROLES, EVIDENCE_KINDS, type EVIDENCE_OUTCOMES } from '../../model/code-lists.ts'
import { type Standing, standingAttestations, standingOf, upheldAttestations } from '../lifecycle/attestations.ts'
import { predatesIntrusion } from '../lifecycle/backup-age.ts'
import type { Rules } from '../lifecycle/rules.ts'
import type { RecoveryState } from '../state.ts'
import type { Attestation, EvidenceCheck, SystemState, Transition } from '../system-state.ts'

/** What speaks for a system at a time, a piece for each kind of evidence. Called for the graph; it judges no step. */

type EvidenceKind = (typeof EVIDENCE_KINDS)[number]
type AttesterRole = (typeof ATTESTER_ROLES)[number]

export interface Evidence {
  readonly kind: EvidenceKind
  readonly outcome: (typeof EVIDENCE_OUTCOMES)[number]
  /** When the check was made or the step was taken; null: nobody has shown it. */
  readonly attestedAt: string | null
  /** Null: nobody has shown it, or who took the step is no attester. */
  readonly attestedBy: AttesterRole | null
  /** It counts until then; null: without end, or nobody has shown it. */
  readonly expiresAt: string | null
  /** SHA-256 of the signed statement, hexadecimal; null: nobody has shown it. */
  readonly digest: string | null
}

/** What has to be shown before a system counts as verified: MISSING until somebody shows it. */
const DEMANDED: ReadonlySet<EvidenceKind> = new Set([
  'BACKUP_PREDATES_INTRUSION',
  'BACKUP_INTEGRITY',
  'BACKUP_MALWARE_SCAN',
  'INDICATORS_OF_COMPROMISE_CHECK',
  'ROOT_CAUSE_REMEDIATED',
  'CREDENTIALS_ROTATED',
])

/**
 * In the order of the kinds. A kind is shown by the checks of attestations, those that count before those that no longer
 * do and the latest of them, one that failed before all that passed; else by the guard of the same name that a step of
 * this restore has passed. What is known of the backup by now, against intrusion and malware, outweighs what was shown of it.
 */
export function evidenceOf(
  system: SystemState,
  state: RecoveryState,
  nowMs: number,
  rules: Rules,
): readonly Evidence[] {
  return EVIDENCE_KINDS.flatMap(kind => {
    const shown = attested(kind, system, state, nowMs, rules) ?? guarded(kind, system)
    if (shown === null) return DEMANDED.has(kind) ? [{ ...NOT_SHOWN, kind }] : []
    return [isRefuted(kind, system, state, nowMs, rules) ? { ...shown, outcome: 'FAILED' as const } : shown]
  })
}

const NOT_SHOWN = { outcome: 'MISSING', attestedAt: null, attestedBy: null, expiresAt: null, digest: null } as const

/** What is known of the backup by now, whatever was shown of it before. */
function isRefuted(
  kind: EvidenceKind,
  system: SystemState,
  state: RecoveryState,
  nowMs: number,
  rules: Rules,
): boolean {
  const { restoration } = system
  const { intrusion } = state
  if (kind === 'BACKUP_MALWARE_SCAN')
    return standingAttestations(system, state, nowMs, rules).some(({ backup }) => backup.malwareStatus !== 'CLEAN')
  if (kind !== 'BACKUP_PREDATES_INTRUSION' || restoration === null || intrusion === null) return false
  return !predatesIntrusion(restoration.backup, intrusion, rules.policy)
}

interface Shown {
  readonly check: EvidenceCheck
  readonly attestation: Attestation
  readonly standing: Standing
}

function attested(
  kind: EvidenceKind,
  system: SystemState,
  state: RecoveryState,
  nowMs: number,
  rules: Rules,
): Evidence | null {
  const [best] = upheldAttestations(system, state)
    .flatMap(attestation => {
      const check = attestation.checks.find(one => one.kind === kind)
      return check ? [{ check, attestation, standing: standingOf(attestation, state, nowMs, rules) }] : []
    })
    .toSorted(tellingFirst)
  if (best === undefined) return null
  const { check, attestation, standing } = best
  return {
    kind,
    outcome: OUTCOMES[standing] ?? check.outcome,
    attestedAt: check.at,
    attestedBy: attestation.signedBy.role,
    expiresAt: attestation.expiresAt,
    digest: attestation.digest,
  }
}

const OUTCOMES: Readonly<Record<Standing, 'EXPIRED' | 'REVOKED' | null>> = {
  VALID: null,
  EXPIRED: 'EXPIRED',
  REVOKED: 'REVOKED',
  WITHDRAWN: 'REVOKED',
}

function tellingFirst(one: Shown, other: Shown): number {
  return weightOf(other) - weightOf(one) || Date.parse(other.check.at) - Date.parse(one.check.at)
}

function weightOf({ standing, check }: Shown): number {
  if (standing !== 'VALID') return 0
  return check.outcome === 'FAILED' ? 2 : 1
}

/** The step of this restore that passed the guard of this name last. */
function guarded(kind: EvidenceKind, { restoration, transitions }: SystemState): Evidence | null {
  if (restoration === null) return null
  const begun = transitions.findLastIndex(({ to }) => to === 'RESTORING')
  const step = transitions.slice(Math.max(begun, 0)).findLast(transition => hasPassed(transition, kind))
  if (step === undefined) return null
  const { at, signedBy, digest } = step
  const attestedBy = ATTESTER_ROLES.find(role => role === signedBy.role) ?? null
  return { kind, outcome: 'PASSED', attestedAt: at, attestedBy, expiresAt: null, digest }
}

function hasPassed({ guards }: Transition, kind: EvidenceKind): boolean {
  return guards.some(({ guard, outcome }) => guard === kind && outcome === 'PASSED')
}
