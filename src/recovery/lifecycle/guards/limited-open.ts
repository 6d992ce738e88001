import { touchesIntegrity } from '../suspension.ts'
import { describeCheck, passedCheck } from './attested.ts'
import { claimsFor, defineGuard, defineObservingGuard, failed, missing, passed } from './definition.ts'
import { controlTotals, STANDING_EVIDENCE } from './standing-evidence.ts'

/** What must hold before the first waves of partners are served: step → LIMITED_OPEN. */

const causeAllowsReopening = defineGuard('CAUSE_ALLOWS_REOPENING', null, ({ system: { lifecycle, suspension } }) => {
  if (lifecycle !== 'SUSPENDED') return passed('The system is not suspended.')
  if (suspension === null) return missing('It is not known why the system is suspended: go through QUARANTINED.')
  const why = `${suspension.cause} since ${suspension.at}`
  return touchesIntegrity(suspension)
    ? failed(`Suspended for ${why}, which leaves the data in doubt: go through QUARANTINED.`)
    : passed(`Suspended for ${why}, which leaves the data out of doubt.`)
})

const segmentationInForce = defineGuard('SEGMENTATION_IN_FORCE', 'RC.RP-04', context => {
  const hosts = claimsFor(context, 'LIMITED_OPEN')?.gateway_hosts ?? []
  if (hosts.length > 0) return passed(`The gateway reaches ${hosts.join(', ')} and nothing else.`)
  const probe = passedCheck(context, 'SEGMENTATION_IN_FORCE')
  return probe === null
    ? missing('It is not shown what the gateway reaches: give `gateway_hosts`, or attest SEGMENTATION_IN_FORCE.')
    : passed(`${describeCheck(probe)}.`)
})

const readOnlyProven = defineObservingGuard('READ_ONLY_PROVEN', 'RC.RP-04', ({ readOnlyProven: isProven, at }) =>
  isProven
    ? passed(`The system refused a write of the gateway's account at ${at}.`)
    : failed(`The system did not refuse a write at ${at}: take every right but reading from the gateway's account.`),
)

const wavesNamed = defineGuard('WAVES_NAMED', 'RC.RP-04', context => {
  const waves = claimsFor(context, 'LIMITED_OPEN')?.waves ?? []
  return waves.length === 0
    ? missing('It is not said which waves of partners are served: give `waves`, such as [1].')
    : passed(`Serves wave ${waves.join(', ')}.`)
})

const gapPublished = defineGuard('GAP_PUBLISHED', 'RC.CO-03', context => {
  const gap = claimsFor(context, 'LIMITED_OPEN')?.gap ?? context.system.gap
  return gap === null
    ? missing('Partners are not told which entries may be missing: give `gap`, from the backup to the first new entry.')
    : passed(`Entries from ${gap.from} until ${gap.until} may be missing, and partners are told so.`)
})

const contactPublished = defineGuard('CONTACT_PUBLISHED', 'RC.CO-03', context => {
  const contact = claimsFor(context, 'LIMITED_OPEN')?.contact ?? context.system.contact
  return contact === null
    ? missing('Partners are not told whom to ask: give `contact`.')
    : passed(`Partners may ask ${contact}.`)
})

const workaroundPublished = defineGuard('WORKAROUND_PUBLISHED', 'RC.CO-03', context =>
  (claimsFor(context, 'LIMITED_OPEN')?.workaround ?? context.system.workaround) === null
    ? missing('Partners are not told what to do meanwhile: give `workaround`.')
    : passed('Partners are told what to do meanwhile.'),
)

export const LIMITED_OPEN_GUARDS = [
  causeAllowsReopening,
  ...STANDING_EVIDENCE,
  segmentationInForce,
  wavesNamed,
  gapPublished,
  contactPublished,
  workaroundPublished,
  readOnlyProven,
  controlTotals,
]
