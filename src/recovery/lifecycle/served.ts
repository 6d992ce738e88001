import type { PlannedReopening } from '../state.ts'
import type { SystemState } from '../system-state.ts'

/** Whether a system in this state answers partners of this wave (null: of none). The one place that says so. */
export function isServed(system: Pick<SystemState, 'lifecycle' | 'waves'>, wave: number | null): boolean {
  switch (system.lifecycle) {
    case 'OPEN':
    case 'NORMAL_OPERATION':
      return true
    case 'LIMITED_OPEN':
      return wave !== null && system.waves.includes(wave)
    case 'ISOLATED':
    case 'CLEARED_FOR_RESTORE':
    case 'RESTORING':
    case 'QUARANTINED':
    case 'VERIFIED':
    case 'SUSPENDED':
      return false
    default:
      return system.lifecycle satisfies never
  }
}

/** Whether partners of this wave (null: of none) may get, of a suspended system, what it gave them before. */
export function servesLastKnownGood(
  { lifecycle, waves, suspension }: Pick<SystemState, 'lifecycle' | 'waves' | 'suspension'>,
  wave: number | null,
): boolean {
  if (lifecycle !== 'SUSPENDED' || suspension === null || !suspension.lastKnownGood) return false
  return isServed({ lifecycle: suspension.from, waves }, wave)
}

/** Whether a planned reopening is for partners of this wave: one that names waves is for theirs only. */
export function isMeantFor({ waves }: Pick<PlannedReopening, 'waves'>, wave: number | null): boolean {
  return waves.length === 0 || (wave !== null && waves.includes(wave))
}
