import { liesAhead } from '../../../model/time-ahead.ts'
import type { SystemState } from '../../system-state.ts'
import { checksIn, describeCheck, passedCheck } from './attested.ts'
import { claimsFor, defineGuard, defineObservingGuard, failed, missing, passed } from './definition.ts'
import { controlTotals, STANDING_EVIDENCE } from './standing-evidence.ts'

/** What the first waves must have shown before all are served: step → OPEN. */

const HOUR_MS = 3_600_000
const NOT_LIMITED = missing('The system is not LIMITED_OPEN: it has to serve its first waves first.')

const limitedOpenLongEnough = defineGuard('LIMITED_OPEN_LONG_ENOUGH', 'RC.RP-05', ({ system, policy, nowMs }) => {
  const since = limitedOpenSince(system)
  if (since === null) return NOT_LIMITED
  const until = Date.parse(since) + policy.limitedOpenHours * HOUR_MS
  const demand = `${policy.limitedOpenHours} h are demanded`
  return nowMs < until
    ? failed(`LIMITED_OPEN since ${since}; ${demand}: wait until ${new Date(until).toISOString()}.`)
    : passed(`LIMITED_OPEN since ${since}; ${demand}.`)
})

const noIndicatorReported = defineGuard('NO_INDICATOR_REPORTED', 'RC.RP-05', ({ system }) => {
  const since = limitedOpenSince(system)
  if (since === null) return NOT_LIMITED
  const found = system.indicators.find(({ reportedAt }) => Date.parse(reportedAt) >= Date.parse(since))
  return found === undefined
    ? passed(`No indicator of compromise was reported since ${since}.`)
    : failed(`An indicator of compromise was reported at ${found.reportedAt} (${found.reference}): suspend the system.`)
})

const errorRateWithinLimit = defineObservingGuard(
  'ERROR_RATE_WITHIN_LIMIT',
  'RC.RP-05',
  ({ reads, at }, { policy }) => {
    const all = reads.answered + reads.failed
    const found = `${reads.failed} of ${all} reads failed in the hour before ${at}; ${policy.errorRatePercent} % may`
    return reads.failed * 100 > policy.errorRatePercent * all
      ? failed(`${found}: find out why before more partners come.`)
      : passed(`${found}.`)
  },
)

const dataFresh = defineObservingGuard('DATA_FRESH', 'RC.RP-05', ({ asOf }, { policy, nowMs }) => {
  if (asOf === null) return missing('The system does not say as of when its data is: see to its feed.')
  if (liesAhead(asOf, nowMs))
    return failed(`The data is said to be as of ${asOf}, which lies ahead: see to the clocks.`)
  const found = `The data is as of ${asOf}; ${policy.feedSilentHours} h may pass`
  return nowMs - Date.parse(asOf) > policy.feedSilentHours * HOUR_MS
    ? failed(`${found}: see to the feed.`)
    : passed(`${found}.`)
})

const ownerConfirms = defineGuard('NORMAL_OPERATING_STATUS_CONFIRMED', 'RC.RP-05', context => {
  const signedBy = claimsFor(context, 'OPEN') === null ? undefined : context.transition?.signedBy
  if (signedBy?.role === 'SYSTEM_OWNER') return passed(`The system owner ${signedBy.name} signs the transition.`)
  const confirmed = checksIn(context).find(
    ({ check, attestation }) =>
      check.kind === 'NORMAL_OPERATING_STATUS_CONFIRMED' &&
      check.outcome === 'PASSED' &&
      attestation.signedBy.role === 'SYSTEM_OWNER',
  )
  return confirmed === undefined
    ? missing('The system owner has not confirmed: have the owner sign the transition, or attest this check.')
    : passed(`${describeCheck(confirmed)}.`)
})

const invoiceStatusesForward = defineGuard(
  'INVOICE_STATUSES_FORWARD',
  'RC.RP-05',
  context => {
    const claimed = claimsFor(context, 'OPEN')?.invoice_statuses_forward
    if (claimed === false)
      return failed('The status of an invoice went backwards: reconcile it before suppliers see it.')
    if (claimed === true)
      return passed('The signatory of the transition found no status of an invoice going backwards.')
    const reconciled = passedCheck(context, 'DATA_RECONCILED')
    return reconciled === null
      ? missing(
          'It is not said whether the status of an invoice went backwards: give `invoice_statuses_forward`, or attest DATA_RECONCILED.',
        )
      : passed(`${describeCheck(reconciled)}.`)
  },
  ['WHOLESALE_FINANCE'],
)

export const OPEN_GUARDS = [
  ...STANDING_EVIDENCE,
  limitedOpenLongEnough,
  noIndicatorReported,
  ownerConfirms,
  invoiceStatusesForward,
  errorRateWithinLimit,
  dataFresh,
  controlTotals,
]

/**
 * Since when the system is LIMITED_OPEN without a break, other waves being no break; null: it is not. By the gateway's
 * own clock: when a step was taken, its signatory says, but not for how long partners have been served.
 */
function limitedOpenSince({ lifecycle, transitions }: SystemState): string | null {
  if (lifecycle !== 'LIMITED_OPEN') return null
  const entered = transitions.findLast(({ from, to }) => to === 'LIMITED_OPEN' && from !== 'LIMITED_OPEN')
  return entered?.recordedAt ?? null
}
