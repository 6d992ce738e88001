import { isInvestigator, isSound } from '../attestations.ts'
import { isAbout } from '../attested-restore.ts'
import { describeAge, predatesIntrusion } from '../backup-age.ts'
import { driftOf } from '../control-totals.ts'
import { attestationsIn, checksIn, describeCheck, pairIn } from './attested.ts'
import { defineGuard, defineObservingGuard, failed, missing, passed } from './definition.ts'

/** The evidence that every step from VERIFIED on rests on: it is asked anew at each. */

const twoAttestations = defineGuard('TWO_ATTESTATIONS', 'RC.RP-05', context => {
  const pair = pairIn(context)
  if (pair !== null) {
    const [owner, investigator] = [pair.owner.signedBy, pair.investigator.signedBy]
    return passed(
      `Attested by ${owner.name} (${owner.role}) and ${investigator.name} (${investigator.role}) until ${new Date(pair.end.ms).toISOString()}.`,
    )
  }
  const standing = attestationsIn(context).filter(isSound)
  const lacking = [
    standing.some(({ signedBy }) => signedBy.role === 'SYSTEM_OWNER') ? [] : ['SYSTEM_OWNER'],
    standing.some(isInvestigator) ? [] : ['FORENSICS_LEAD or SECURITY_OPERATIONS'],
  ].flat()
  if (lacking.length === 0) {
    return failed(
      'The attestations that hold do not agree on the revision of the intrusion, or have one key, or are of one person: attest anew, two persons with a key each.',
    )
  }
  const astray = context.system.attestations.filter(attestation => !isAbout(attestation, context.system.restoration))
  const elsewhere = astray.map(({ id, signedBy }) => `${id} of ${signedBy.name}`).join(', ')
  return astray.length === 0
    ? missing(
        `No valid attestation by ${lacking.join(', nor by ')} for what was restored: have it signed and submitted.`,
      )
    : failed(
        `No valid attestation by ${lacking.join(', nor by ')} for what was restored; backup or restore differ in ${elsewhere}.`,
      )
})

const intrusionRevisionCurrent = defineGuard('INTRUSION_REVISION_CURRENT', 'RC.RP-05', context => {
  const { intrusion } = context.state
  if (intrusion === null) return missing('The earliest intrusion is not established: sign an `incident-fact`.')
  if (pairIn(context, intrusion.revision) !== null) return passed(`Attested for revision ${intrusion.revision}.`)
  const named = [...new Set(attestationsIn(context).map(attestation => attestation.intrusionRevision))]
  return named.length === 0
    ? missing(`No attestation holds for revision ${intrusion.revision} of the intrusion.`)
    : failed(
        `The attestations are for revision ${named.join(' and ')} of the intrusion; ${intrusion.revision} is current: both have to attest anew.`,
      )
})

const backupPredatesIntrusion = defineGuard('BACKUP_PREDATES_INTRUSION', 'RC.RP-05', context => {
  const { restoration } = context.system
  const { intrusion } = context.state
  if (restoration === null) return missing('Nothing has been restored: the system has to go through RESTORING.')
  if (intrusion === null) return missing('The earliest intrusion is not established: sign an `incident-fact`.')
  const age = describeAge(restoration.backup, intrusion, context.policy)
  return predatesIntrusion(restoration.backup, intrusion, context.policy)
    ? passed(`The ${age}.`)
    : failed(`The ${age}: restore anew from an earlier backup.`)
})

const noCheckFailed = defineGuard('NO_CHECK_FAILED', 'RC.RP-05', context => {
  const checks = checksIn(context)
  const failures = checks.filter(({ check }) => check.outcome === 'FAILED')
  if (failures.length > 0) {
    const found = failures.map(one => `${describeCheck(one)} in ${one.attestation.id}`).join('; ')
    return failed(`${found}. Remedy it, revoke the attestation and attest anew.`)
  }
  return checks.length === 0
    ? missing('No check is attested for what was restored.')
    : passed(`None of the ${checks.length} attested checks failed.`)
})

const backupAttestedClean = defineGuard('BACKUP_MALWARE_SCAN', 'RC.RP-05', context => {
  const standing = attestationsIn(context)
  const unclean = standing.filter(({ backup }) => backup.malwareStatus !== 'CLEAN')
  if (unclean.length > 0) {
    const found = unclean.map(({ id, backup, signedBy }) => `${backup.malwareStatus} by ${signedBy.name} in ${id}`)
    return failed(`The restored backup is attested as ${found.join('; ')}: restore anew from a clean one.`)
  }
  return standing.length === 0
    ? missing('No scan is attested of what was restored.')
    : passed('The restored backup is attested as CLEAN by all who attest.')
})

/** That the evidence of VERIFIED still holds. */
export const STANDING_EVIDENCE = [
  twoAttestations,
  intrusionRevisionCurrent,
  backupPredatesIntrusion,
  backupAttestedClean,
  noCheckFailed,
]

/** That the data is what was attested. */
export const controlTotals = defineObservingGuard('CONTROL_TOTALS', 'RC.RP-05', (observation, context) => {
  const attestations = attestationsIn(context).filter(({ totals }) => Object.keys(totals).length > 0)
  if (attestations.length === 0) {
    return missing('No control totals are attested for what was restored: give `totals` in an attestation.')
  }
  const drift = driftOf(attestations, observation.totals)
  return drift.length === 0
    ? passed(`All attested control totals were met at ${observation.at}.`)
    : failed(`${drift.join('; ')}. Find out why before anybody attests the new totals.`)
})
