import type { Attestation, Restoration } from '../system-state.ts'

/** Whether what is attested is what was restored. Called before an attestation is taken in, and whenever it is to count. */

/** What an attestation is about. */
export type AttestedRestore = Pick<Attestation, 'backup' | 'restore'>

/** By the claim that says it: the same backup, of the same time, into the same environment, at the same time, with the same result. */
const MARKS: Readonly<Record<string, (about: AttestedRestore) => string>> = {
  'backup.digest': ({ backup }) => backup.digest,
  'backup.taken_at': ({ backup }) => instant(backup.takenAt),
  'restore.manifest': ({ restore }) => restore.manifest,
  'restore.environment': ({ restore }) => restore.environment,
  'restore.completed_at': ({ restore }) => instant(restore.completedAt),
}

export function isAbout(attested: AttestedRestore, restored: Restoration | null): boolean {
  return restored !== null && differencesFrom(restored, attested).length === 0
}

/** Every claim that says otherwise, in words for who signed it. */
export function differencesFrom(restored: Restoration, attested: AttestedRestore): readonly string[] {
  const { backup, manifest, environment, completedAt } = restored
  if (manifest === null || completedAt === null) return ['the restore is not finished']
  const actual: AttestedRestore = { backup, restore: { manifest, environment, completedAt } }
  return Object.entries(MARKS).flatMap(([claim, mark]) =>
    mark(attested) === mark(actual) ? [] : [`${claim} is ${mark(attested)}, restored was ${mark(actual)}`],
  )
}

/** One spelling for an instant, whatever zone it was written in. */
function instant(time: string): string {
  return new Date(time).toISOString()
}
