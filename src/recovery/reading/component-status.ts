import type { COMPONENT_STATUSES } from '../../model/code-lists.ts'
import type { SystemLifecycle } from '../../model/system.ts'
import type { PlannedReopening } from '../state.ts'
import type { SystemState } from '../system-state.ts'

/** A system's lifecycle in the words of a status page. Called by the resolvers and by what is public. */

export type ComponentStatus = (typeof COMPONENT_STATUSES)[number]

export interface ComponentFacts {
  /** Its last reading failed, or newer data of it cannot be used; it shows only where the system is open to all. */
  readonly isDegraded: boolean
  /** Its planned reopening is under way; it shows only where the system is closed, and was not closed again. */
  readonly isReopening: boolean
}

export function componentStatusOf(
  lifecycle: SystemLifecycle,
  { isDegraded, isReopening }: ComponentFacts,
): ComponentStatus {
  const status = OF_LIFECYCLE[lifecycle]
  if (status === 'OPERATIONAL' && isDegraded) return 'DEGRADED_PERFORMANCE'
  return status === 'MAJOR_OUTAGE' && lifecycle !== 'SUSPENDED' && isReopening ? 'UNDER_MAINTENANCE' : status
}

/**
 * Whether a planned reopening of the system is under way that is for all partners: of one that is for some waves the
 * others are not to know. One from before the system was isolated again has been overtaken.
 */
export function isReopening(
  { key, transitions }: Pick<SystemState, 'key' | 'transitions'>,
  plannedReopenings: readonly PlannedReopening[],
): boolean {
  const isolatedAt = transitions.findLast(({ to }) => to === 'ISOLATED')?.recordedAt ?? ''
  return plannedReopenings.some(
    ({ system, waves, status, recordedAt }) =>
      system === key && waves.length === 0 && UNDER_WAY.has(status) && recordedAt >= isolatedAt,
  )
}

const UNDER_WAY: ReadonlySet<PlannedReopening['status']> = new Set(['IN_PROGRESS', 'VERIFYING'])

const OF_LIFECYCLE: Readonly<Record<SystemLifecycle, ComponentStatus>> = {
  ISOLATED: 'MAJOR_OUTAGE',
  CLEARED_FOR_RESTORE: 'MAJOR_OUTAGE',
  RESTORING: 'MAJOR_OUTAGE',
  QUARANTINED: 'MAJOR_OUTAGE',
  VERIFIED: 'MAJOR_OUTAGE',
  LIMITED_OPEN: 'PARTIAL_OUTAGE',
  OPEN: 'OPERATIONAL',
  NORMAL_OPERATION: 'OPERATIONAL',
  SUSPENDED: 'MAJOR_OUTAGE',
}
