import { claimsFor, defineGuard, missing, passed } from './definition.ts'

/** What must hold before a system may be restored: step → CLEARED_FOR_RESTORE. */

const containmentAttested = defineGuard('CONTAINMENT_ATTESTED', 'RC.RP-01', context => {
  const claimed = claimsFor(context, 'CLEARED_FOR_RESTORE')?.containment
  const attestedAt = claimed?.attested_at ?? context.system.containment?.attestedAt
  return attestedAt === undefined
    ? missing('Nobody has attested that the attack is contained: give `containment` with its time and evidence.')
    : passed(`Containment attested at ${attestedAt}.`)
})

const intrusionEstablished = defineGuard('INTRUSION_ESTABLISHED', 'RC.RP-01', ({ state: { intrusion } }) =>
  intrusion === null
    ? missing('The earliest intrusion is not established: the forensics lead has to sign an `incident-fact`.')
    : passed(`Earliest intrusion ${intrusion.earliestIntrusionAt}, revision ${intrusion.revision}.`),
)

const prioritySet = defineGuard('PRIORITY_SET', 'RC.RP-02', context => {
  const priority = claimsFor(context, 'CLEARED_FOR_RESTORE')?.priority ?? context.system.priority
  return priority === null
    ? missing('The system has no place in the order of restart: give `priority`, 1 being the first.')
    : passed(`Place ${priority} in the order of restart.`)
})

const objectivesSet = defineGuard('OBJECTIVES_SET', 'RC.RP-02', context => {
  const claimed = claimsFor(context, 'CLEARED_FOR_RESTORE')?.objectives
  const { objectives } = context.system
  if (claimed === undefined && objectives === null) {
    return missing('The objectives of recovery are not set: give `objectives` with RTO, RPO and MTPD (ISO 22301).')
  }
  const rto = claimed?.recovery_time_objective ?? objectives?.recoveryTimeObjective
  const rpo = claimed?.recovery_point_objective ?? objectives?.recoveryPointObjective
  const mtpd = claimed?.maximum_tolerable_period_of_disruption ?? objectives?.maximumTolerablePeriodOfDisruption
  return passed(`RTO ${rto}, RPO ${rpo}, MTPD ${mtpd}.`)
})

export const CLEARED_FOR_RESTORE_GUARDS = [containmentAttested, intrusionEstablished, prioritySet, objectivesSet]
