import type { COMPONENT_STATUSES } from '../../model/code-lists.ts'
import type { SystemLifecycle } from '../../model/system.ts'

/** A system's lifecycle in the words of a status page. Called by the resolvers and by what is public. */

export type ComponentStatus = (typeof COMPONENT_STATUSES)[number]

/** `isDegraded`: its last reading failed, or newer data of it cannot be used; it shows only where the system is open to all. */
export function componentStatusOf(lifecycle: SystemLifecycle, isDegraded: boolean): ComponentStatus {
  const status = OF_LIFECYCLE[lifecycle]
  return status === 'OPERATIONAL' && isDegraded ? 'DEGRADED_PERFORMANCE' : status
}

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
