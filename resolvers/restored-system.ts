import type { BacklogMeasure, ComponentStatus, RestoredSystemResolvers } from '../src/graphql/schema.generated.ts'
import type { SystemLifecycle } from '../src/model/system.ts'
import { provenanceOf } from '../src/recovery/provenance.ts'

export const RestoredSystem: RestoredSystemResolvers = {
  id: system => system.key,
  componentStatus: system => COMPONENT_STATUSES[system.lifecycle],
  provenance: (system, _, { knowledge }) => {
    const asOf = knowledge.lastAsOf(system.key)
    if (asOf === null || COMPONENT_STATUSES[system.lifecycle] === 'MAJOR_OUTAGE') return null
    return provenanceOf(system, asOf)
  },
  // Until statements are signed and kept, nothing has been attested.
  evidence: () => [],
  backlog: (system): readonly BacklogMeasure[] =>
    system.backlog.map(measure => ({ ...measure, estimatedClearDate: null })),
}

const COMPONENT_STATUSES: Readonly<Record<SystemLifecycle, ComponentStatus>> = {
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
