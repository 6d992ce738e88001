import { differencesFrom } from '../lifecycle/attested-restore.ts'
import type { RecoveryState } from '../state.ts'
import type { StatementOf } from '../statements/statement-kinds.ts'
import { systemOf } from '../statements/vocabulary.ts'
import { attestedRestoreOf } from './apply/restore-claims.ts'
import type { Known } from './known.ts'

/** What an attestation contradicts: the intrusion, what was restored, what there is to count. Called by `contradiction.ts`. */

/** Null: nothing; otherwise what to do about it, for who signed it. */
export function attestationContradiction(
  statement: StatementOf<'restore-attestation'>,
  state: RecoveryState,
  known: Known,
): string | null {
  const { claims } = statement
  const { intrusion } = state
  const { name, restoration } = state.systems[systemOf(claims.sub)]
  if (intrusion === null)
    return 'no intrusion is established yet; the forensics lead has to sign an incident-fact first'
  if (claims.intrusion.revision !== intrusion.revision) {
    return `it is for revision ${claims.intrusion.revision} of the intrusion; revision ${intrusion.revision} is current`
  }
  if (Date.parse(claims.intrusion.earliest_at) !== Date.parse(intrusion.earliestIntrusionAt)) {
    return `revision ${intrusion.revision} has the earliest intrusion at ${intrusion.earliestIntrusionAt}, not at ${claims.intrusion.earliest_at}`
  }
  if (!restoration?.completedAt) return `no restore of ${name} is finished, so there is nothing to attest yet`
  // One of something else would carry nothing and warn of nothing: whoever signed it has to know.
  const other = differencesFrom(restoration, attestedRestoreOf(claims))
  if (other.length > 0) return `it is not about what was restored in ${name}: ${other.join('; ')}`
  return totalsContradiction(statement, state, known)
}

/** Totals of what is not there could never be met, and would close the system with the next look at it. */
function totalsContradiction(
  { claims }: StatementOf<'restore-attestation'>,
  { systems }: RecoveryState,
  { columnsOf }: Known,
): string | null {
  const system = systemOf(claims.sub)
  for (const [relation, { sums }] of Object.entries(claims.totals)) {
    const columns = columnsOf(system, relation)
    if (columns === null) return `${systems[system].name} has no relation ${relation} that could be counted`
    const unknown = Object.keys(sums).filter(column => !columns.includes(column))
    if (unknown.length > 0)
      return `${relation} has no column ${unknown.join(', ')} that could be summed; it has ${columns.join(', ') || 'none'}`
  }
  return null
}
