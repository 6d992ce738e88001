import { ATTESTER_ROLES } from '../../../model/code-lists.ts'
import type { RecoveryState } from '../../state.ts'
import type { Signatory } from '../../statements/signatory.ts'
import type { StatementOf } from '../../statements/statement-kinds.ts'
import { systemOf } from '../../statements/vocabulary.ts'
import type { Attestation } from '../../system-state.ts'
import { attestedRestoreOf } from './restore-claims.ts'
import { changeSubject } from './system-change.ts'

/** Adds an attestation to its system. It opens nothing: only a transition does; the fold closes what it says is unsound. */
export function withAttestation(
  state: RecoveryState,
  statement: StatementOf<'restore-attestation'>,
  recordedAt: string,
): RecoveryState {
  const { id, digest, issuedAt, expiresAt, signedBy, claims } = statement
  if (!isAttester(signedBy)) return state
  const attestation: Attestation = {
    id,
    digest,
    system: systemOf(claims.sub),
    signedBy,
    issuedAt,
    recordedAt,
    expiresAt,
    intrusionRevision: claims.intrusion.revision,
    ...attestedRestoreOf(claims),
    checks: claims.checks.map(({ kind, outcome, at }) => ({ kind, outcome, at })),
    totals: claims.totals,
  }
  return changeSubject(state, claims, system => ({ ...system, attestations: [...system.attestations, attestation] }))
}

function isAttester(signatory: Signatory): signatory is Attestation['signedBy'] {
  return (ATTESTER_ROLES as readonly string[]).includes(signatory.role)
}
