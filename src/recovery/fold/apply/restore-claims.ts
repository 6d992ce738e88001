import type { AttestedRestore } from '../../lifecycle/attested-restore.ts'
import type { ClaimsOf } from '../../statements/statement-kinds.ts'
import type { Backup } from '../../system-state.ts'

/** A backup as statements describe it, in the words of the state. */
export function backupOf(claims: ClaimsOf<'restore-attestation'>['backup']): Backup {
  return {
    id: claims.id,
    takenAt: claims.taken_at,
    digest: claims.digest.sha256,
    malwareStatus: claims.malware_status,
    scannedAt: claims.scanned_at,
  }
}

/** What an attestation is about, in the words of the state. */
export function attestedRestoreOf({ backup, restore }: ClaimsOf<'restore-attestation'>): AttestedRestore {
  const { completed_at: completedAt, manifest, environment } = restore
  return { backup: backupOf(backup), restore: { completedAt, manifest: manifest.sha256, environment } }
}
