import type { GuardContext } from '../guard.ts'
import { claimsFor, defineGuard, failed, missing, passed } from './definition.ts'

/** What must hold of a restore that is to be examined: step → QUARANTINED. */

const restoreFinished = defineGuard('RESTORE_FINISHED', null, context => {
  const { completedAt } = restoreOf(context)
  return completedAt === null
    ? missing('The restore is not reported as finished: give `restore.completed_at`.')
    : passed(`The restore finished at ${completedAt}.`)
})

const manifestRecorded = defineGuard('MANIFEST_RECORDED', null, context => {
  const { manifest } = restoreOf(context)
  return manifest === null
    ? missing('The manifest of what was restored is not recorded: give the digest of it as `restore.manifest`.')
    : passed(`The manifest of what was restored has the digest ${manifest}.`)
})

const networkConfined = defineGuard('NETWORK_CONFINED', null, context => {
  const claims = claimsFor(context, 'QUARANTINED')
  const reachable = claims?.reachable_hosts
  const checking = claims?.check_hosts
  if (reachable === undefined || checking === undefined) {
    return missing('It is not said what the system reaches: give `reachable_hosts`, as probed, and `check_hosts`.')
  }
  const others = reachable.filter(host => !checking.includes(host))
  return others.length === 0
    ? passed(`The system reaches nothing but the hosts that check it (${reachable.length}).`)
    : failed(`The system reaches ${others.join(', ')}, which do not check it: close these ways.`)
})

/** What the transition says of the restore; out of SUSPENDED it may be silent, and the earlier restore stands. */
function restoreOf(context: GuardContext): { readonly completedAt: string | null; readonly manifest: string | null } {
  const claimed = claimsFor(context, 'QUARANTINED')?.restore
  const { lifecycle, restoration } = context.system
  if (claimed !== undefined) return { completedAt: claimed.completed_at, manifest: claimed.manifest.sha256 }
  return lifecycle === 'SUSPENDED' && restoration !== null ? restoration : { completedAt: null, manifest: null }
}

export const QUARANTINED_GUARDS = [restoreFinished, manifestRecorded, networkConfined]
