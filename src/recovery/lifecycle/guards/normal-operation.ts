import { describeCheck, passedCheck } from './attested.ts'
import { claimsFor, defineGuard, failed, missing, passed } from './definition.ts'
import { STANDING_EVIDENCE } from './standing-evidence.ts'

/** What must hold before the recovery of a system ends: step → NORMAL_OPERATION. */

const backlogWithinLimit = defineGuard('BACKLOG_WITHIN_LIMIT', 'RC.RP-06', ({ system: { backlog }, policy }) => {
  if (backlog.length === 0) return missing('No backlog was ever measured: submit a `backlog-measure`.')
  const above = backlog.filter(({ open }) => open > policy.backlogLimit)
  return above.length === 0
    ? passed(`No backlog has more than ${policy.backlogLimit} open.`)
    : failed(
        `${above.map(({ name, open, measuredAt }) => `${name}: ${open} open at ${measuredAt}`).join('; ')}; ${policy.backlogLimit} may be. Clear it and measure again.`,
      )
})

const endOfRecoveryDeclared = defineGuard('END_OF_RECOVERY_DECLARED', 'RC.RP-06', context => {
  const declaredAt = claimsFor(context, 'NORMAL_OPERATION')?.end_of_recovery_declared_at
  if (declaredAt !== undefined) return passed(`The end of recovery was declared at ${declaredAt}.`)
  const declared = passedCheck(context, 'END_OF_RECOVERY_DECLARED')
  return declared === null
    ? missing('The end of recovery is not declared: give `end_of_recovery_declared_at`, or attest the check.')
    : passed(`${describeCheck(declared)}.`)
})

const afterActionRecordAttached = defineGuard('AFTER_ACTION_RECORD_ATTACHED', 'RC.RP-06', context => {
  const record = claimsFor(context, 'NORMAL_OPERATION')?.after_action_record
  return record === undefined
    ? missing('The after-action record is not attached: give its digest as `after_action_record`.')
    : passed(`The after-action record has the digest ${record.sha256}.`)
})

export const NORMAL_OPERATION_GUARDS = [
  ...STANDING_EVIDENCE,
  backlogWithinLimit,
  endOfRecoveryDeclared,
  afterActionRecordAttached,
]
