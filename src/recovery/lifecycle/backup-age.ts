import type { RecoveryPolicy } from '../policy.ts'
import type { Intrusion } from '../state.ts'
import type { Backup } from '../system-state.ts'

/** The rule that a backup must be older than the intrusion, judged anew with every revision of it. */

const HOUR_MS = 3_600_000

/** Whether a backup was taken at least the margin before the earliest intrusion. */
export function predatesIntrusion(
  backup: Pick<Backup, 'takenAt'>,
  intrusion: Pick<Intrusion, 'earliestIntrusionAt'>,
  { backupMarginHours }: Pick<RecoveryPolicy, 'backupMarginHours'>,
): boolean {
  return Date.parse(backup.takenAt) + backupMarginHours * HOUR_MS <= Date.parse(intrusion.earliestIntrusionAt)
}

/** The two times in words, for reasons. */
export function describeAge(
  backup: Pick<Backup, 'id' | 'takenAt'>,
  { earliestIntrusionAt, revision }: Intrusion,
  { backupMarginHours }: Pick<RecoveryPolicy, 'backupMarginHours'>,
): string {
  return `backup ${backup.id} was taken at ${backup.takenAt}; the earliest intrusion is ${earliestIntrusionAt} (revision ${revision}), and ${backupMarginHours} h must lie between`
}
