import { describeAge, predatesIntrusion } from '../backup-age.ts'
import { claimsFor, defineGuard, failed, missing, passed } from './definition.ts'

/** What must hold of a backup and of the environment it goes into: step → RESTORING. */

const NO_BACKUP = missing('No backup is chosen: give `backup` as its catalogue and its scanner describe it.')

const backupPredatesIntrusion = defineGuard('BACKUP_PREDATES_INTRUSION', 'RC.RP-03', context => {
  const backup = claimsFor(context, 'RESTORING')?.backup
  const { intrusion } = context.state
  if (backup === undefined) return NO_BACKUP
  if (intrusion === null) return missing('The earliest intrusion is not established: sign an `incident-fact` first.')
  const chosen = { id: backup.id, takenAt: backup.taken_at }
  const age = describeAge(chosen, intrusion, context.policy)
  return predatesIntrusion(chosen, intrusion, context.policy)
    ? passed(`The ${age}.`)
    : failed(`The ${age}: choose an earlier backup.`)
})

const backupIntegrity = defineGuard('BACKUP_INTEGRITY', 'RC.RP-03', context => {
  const claims = claimsFor(context, 'RESTORING')
  if (claims?.backup === undefined) return NO_BACKUP
  if (claims.catalogue === undefined) {
    return missing('The digest of the immutable catalogue is not given: give `catalogue`.')
  }
  const { backup, catalogue } = claims
  return backup.digest.sha256 === catalogue.sha256
    ? passed(`The backup's digest is that of the catalogue, ${catalogue.sha256}.`)
    : failed(
        `The backup's digest is ${backup.digest.sha256}, the catalogue has ${catalogue.sha256}: do not restore from it.`,
      )
})

const backupMalwareScan = defineGuard('BACKUP_MALWARE_SCAN', 'RC.RP-03', context => {
  const backup = claimsFor(context, 'RESTORING')?.backup
  if (backup === undefined) return NO_BACKUP
  const { malware_status: status, scanned_at: scannedAt, indicators_dated_at: knownAt } = backup
  if (status !== 'CLEAN') return failed(`The scan of ${scannedAt} found the backup ${status}: do not restore from it.`)
  if (Date.parse(scannedAt) < Date.parse(knownAt)) {
    return failed(`The scan of ${scannedAt} cannot have known indicators of ${knownAt}: scan again.`)
  }
  const demandedAt = context.state.intrusion?.indicatorsDatedAt ?? null
  if (demandedAt !== null && Date.parse(knownAt) < Date.parse(demandedAt)) {
    return failed(
      `The scan of ${scannedAt} knew the indicators of ${knownAt}; those of ${demandedAt} are current: scan again.`,
    )
  }
  return passed(`Scanned clean at ${scannedAt} with the indicators of ${knownAt}.`)
})

const environmentNewlyBuilt = defineGuard('ENVIRONMENT_NEWLY_BUILT', 'RC.RP-03', context => {
  const environment = claimsFor(context, 'RESTORING')?.environment
  if (environment === undefined) return missing('The environment to restore into is not named: give `environment`.')
  return environment.newly_built
    ? passed(`Environment ${environment.id} is newly built.`)
    : failed(`Environment ${environment.id} is not newly built: never restore into one that the intruders may know.`)
})

export const RESTORING_GUARDS = [backupPredatesIntrusion, backupIntegrity, backupMalwareScan, environmentNewlyBuilt]
