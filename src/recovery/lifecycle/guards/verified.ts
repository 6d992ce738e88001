import { describeCheck, passedCheck } from './attested.ts'
import { defineGuard, failed, missing, passed } from './definition.ts'
import { controlTotals, STANDING_EVIDENCE } from './standing-evidence.ts'

/** What must be shown of a restored system before it counts as clean: step → VERIFIED. */

const indicatorsSwept = defineGuard('INDICATORS_OF_COMPROMISE_CHECK', 'RC.RP-05', context => {
  const sweep = passedCheck(context, 'INDICATORS_OF_COMPROMISE_CHECK')
  if (sweep === null) {
    return missing(
      'No sweep for indicators of compromise is attested as passed: sweep the restored system and attest it.',
    )
  }
  const { restoration, indicators } = context.system
  const completedAt = restoration?.completedAt ?? null
  if (completedAt === null) return missing('The restore is not finished: sweep after it.')
  if (Date.parse(sweep.check.at) <= Date.parse(completedAt)) {
    return failed(`The sweep of ${sweep.check.at} was not after the restore, finished at ${completedAt}: sweep again.`)
  }
  const found = indicators.at(-1)
  if (found !== undefined && Date.parse(sweep.check.at) <= Date.parse(found.reportedAt)) {
    return failed(
      `The sweep of ${sweep.check.at} was not after the indicator reported at ${found.reportedAt} (${found.reference}): sweep again.`,
    )
  }
  return passed(`${describeCheck(sweep)}.`)
})

const rootCauseRemediated = defineGuard('ROOT_CAUSE_REMEDIATED', 'RC.RP-05', context => {
  const remedy = passedCheck(context, 'ROOT_CAUSE_REMEDIATED')
  return remedy === null
    ? missing('Nobody attests that the way in is closed: remedy the root cause and attest it.')
    : passed(`${describeCheck(remedy)}.`)
})

const credentialsRotated = defineGuard('CREDENTIALS_ROTATED', 'RC.RP-05', context => {
  const rotation = passedCheck(context, 'CREDENTIALS_ROTATED')
  if (rotation === null) {
    return missing(
      'Nobody attests that all credentials were rotated: rotate those of the restored system and attest it.',
    )
  }
  const completedAt = context.system.restoration?.completedAt ?? null
  if (completedAt === null) return missing('The restore is not finished: rotate the credentials after it.')
  return Date.parse(rotation.check.at) <= Date.parse(completedAt)
    ? failed(
        `Credentials were rotated at ${rotation.check.at}, not after the restore, finished at ${completedAt}: the restore brought old ones back; rotate again.`,
      )
    : passed(`${describeCheck(rotation)}.`)
})

export const VERIFIED_GUARDS = [
  ...STANDING_EVIDENCE,
  indicatorsSwept,
  rootCauseRemediated,
  credentialsRotated,
  controlTotals,
]
