import type { SystemKey } from '../../model/system.ts'
import { isStep } from '../lifecycle/steps.ts'
import { isSuspendable } from '../lifecycle/suspension.ts'
import type { RecoveryState } from '../state.ts'
import { isKeySubject } from '../statements/kinds/revocation.ts'
import type { ClaimsOf, Statement, StatementOf } from '../statements/statement-kinds.ts'
import { nameIn, systemOf } from '../statements/vocabulary.ts'
import type { Restoration, SystemState } from '../system-state.ts'
import { isOvertaken } from './overtaken.ts'

/**
 * Whether a statement follows from the state: a step that is one, a revision that is the next, a partner that is there,
 * nothing that has been overtaken. Called by the desk before guards are asked. It knows nothing of signatures and evidence.
 */

/** What is known beside the state. */
export interface Known {
  isKnownSite(bpns: string): boolean
  /** The columns of a relation that can be summed; null: the system has no such relation. */
  columnsOf(system: SystemKey, relation: string): readonly string[] | null
  /** The systems that a key may speak of; null: all. */
  systemsOf(keyId: string): readonly SystemKey[] | null
}

/** What the statement contradicts, and what to do, for who signed it; null: nothing. The state is that of now. */
export function contradictionOf(statement: Statement, state: RecoveryState, known: Known): string | null {
  switch (statement.kind) {
    case 'restore-attestation':
      return attestationContradiction(statement, state) ?? totalsContradiction(statement, state, known)
    case 'lifecycle-transition':
      return transitionContradiction(statement, state)
    case 'incident-fact':
      return factContradiction(statement, state)
    case 'partner-grant':
      return grantContradiction(statement, state, known)
    case 'restart-update':
      return updateContradiction(statement, state)
    case 'planned-reopening':
      return reopeningContradiction(statement, state, known)
    case 'site-restart':
      return restartContradiction(statement, state, known)
    case 'backlog-measure':
      return measureContradiction(statement, state)
    case 'indicator-report':
      return null
    case 'revocation':
      return revocationContradiction(statement, state, known)
    case 'automatic-closing':
      return closingContradiction(statement, state)
    default:
      return statement satisfies never
  }
}

function attestationContradiction({ claims }: StatementOf<'restore-attestation'>, state: RecoveryState): string | null {
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
  const other = differencesFrom(restoration, claims)
  return other.length === 0 ? null : `it is not about what was restored in ${name}: ${other.join('; ')}`
}

/** An attestation of something else would carry nothing and warn of nothing: whoever signed it has to know. */
function differencesFrom(restored: Restoration, claims: ClaimsOf<'restore-attestation'>): readonly string[] {
  const { backup, restore } = claims
  const isSameTime = (one: string, other: string | null) => other !== null && Date.parse(one) === Date.parse(other)
  return [
    ...(backup.digest.sha256 === restored.backup.digest ? [] : ['backup.digest is another']),
    ...(isSameTime(backup.taken_at, restored.backup.takenAt)
      ? []
      : [`backup.taken_at is ${backup.taken_at}, restored was one of ${restored.backup.takenAt}`]),
    ...(restore.manifest.sha256 === restored.manifest ? [] : ['restore.manifest is another']),
    ...(restore.environment === restored.environment
      ? []
      : [`restore.environment is ${restore.environment}, restored was into ${restored.environment}`]),
    ...(isSameTime(restore.completed_at, restored.completedAt)
      ? []
      : [`restore.completed_at is ${restore.completed_at}, the restore was finished at ${restored.completedAt}`]),
  ]
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

function transitionContradiction(
  statement: StatementOf<'lifecycle-transition'>,
  { systems }: RecoveryState,
): string | null {
  const { claims } = statement
  const { from, to, sub } = claims
  const system = systems[systemOf(sub)]
  const { name, lifecycle } = system
  if (from !== lifecycle) return `${name} is ${lifecycle}, not ${from}; look at it again and sign anew`
  if (!isStep(from, to)) return `there is no step from ${from} to ${to}`
  if (from === 'SUSPENDED' && claims.to === 'SUSPENDED' && claims.distrust_since === undefined)
    return `${name} is SUSPENDED already; another suspension has to give distrust_since`
  return to === 'ISOLATED' || to === 'SUSPENDED' ? null : overtakenStep(statement, system)
}

/** A step up that was held back must not undo what happened to the system meanwhile. */
function overtakenStep(statement: Statement, { name, lifecycle, suspension, transitions }: SystemState): string | null {
  if (suspension !== null && isOvertaken(statement, suspension.at))
    return `it was signed before ${name} was suspended at ${suspension.at}: sign a new one`
  const enteredAt = transitions.at(-1)?.recordedAt
  return enteredAt !== undefined && isOvertaken(statement, enteredAt)
    ? `it was signed before the last step of ${name}, which is ${lifecycle}, was recorded at ${enteredAt}: sign a new one`
    : null
}

function factContradiction({ claims }: StatementOf<'incident-fact'>, state: RecoveryState): string | null {
  const incident = nameIn(claims.sub)
  if (incident !== state.incidentReference) return `the incident is ${state.incidentReference}, not ${incident}`
  const next = (state.intrusion?.revision ?? 0) + 1
  return claims.revision === next ? null : `the next revision is ${next}, not ${claims.revision}`
}

function grantContradiction(
  statement: StatementOf<'partner-grant'>,
  { partners }: RecoveryState,
  known: Known,
): string | null {
  const { claims } = statement
  const bpnl = nameIn(claims.sub)
  const registered = partners.get(bpnl)
  if (registered === undefined) {
    if (claims.action !== 'REGISTER') return `${bpnl} is not registered; use REGISTER`
  } else {
    const { entry, grantedAt } = registered
    if (claims.action === 'REGISTER') return `${bpnl} is registered already; use CHANGE`
    // What takes rights away is never too late.
    if (claims.action === 'DISABLE') return entry.disabled ? `${bpnl} is disabled already` : null
    if (claims.action === 'ENABLE' && !entry.disabled) return `${bpnl} is not disabled`
    if (isOvertaken(statement, grantedAt))
      return `it was signed before the last grant of ${bpnl} was recorded at ${grantedAt}: sign a new one`
    if (claims.action === 'ENABLE') return null
  }
  const clients = new Set(claims.partner.clients)
  for (const { entry } of partners.values()) {
    const taken = entry.bpnl === bpnl ? undefined : entry.clients.find(client => clients.has(client))
    // One client acts for one partner: otherwise the registry would have to choose whose rows it sees.
    if (taken !== undefined) return `the client ${taken} acts for ${entry.bpnl} already`
  }
  return siteContradiction(claims.partner.sites, known)
}

function updateContradiction(statement: StatementOf<'restart-update'>, { updates }: RecoveryState): string | null {
  const { sub, headline, phase, next_update_by, systems } = statement.claims
  const id = nameIn(sub)
  if (updates.some(update => update.id === id))
    return `the update ${id} is published already; give the new one another name`
  const changes = [headline, phase, next_update_by, systems].some(said => said !== undefined)
  const later = updates.find(({ publishedAt }) => isOvertaken(statement, publishedAt))
  return changes && later !== undefined
    ? `it was signed before the update ${later.id} was published at ${later.publishedAt}, and would change what that says: sign a new one`
    : null
}

function reopeningContradiction(
  statement: StatementOf<'planned-reopening'>,
  { plannedReopenings }: RecoveryState,
  known: Known,
): string | null {
  const { sub, site } = statement.claims
  const planned = plannedReopenings.find(({ id }) => id === nameIn(sub))
  return overtakenWord(statement, planned) ?? (site === undefined ? null : siteContradiction([site], known))
}

function restartContradiction(
  statement: StatementOf<'site-restart'>,
  { sites }: RecoveryState,
  known: Known,
): string | null {
  const { sub, shop = null } = statement.claims
  const site = nameIn(sub)
  const said = sites.find(other => other.bpns === site && other.shop === shop)
  return overtakenWord(statement, said) ?? siteContradiction([site], known)
}

/** What replaces an earlier word must have been signed after it. */
function overtakenWord(statement: Statement, said: { readonly recordedAt: string } | undefined): string | null {
  return said !== undefined && isOvertaken(statement, said.recordedAt)
    ? `it was signed before what it replaces was recorded at ${said.recordedAt}: sign a new one`
    : null
}

function siteContradiction(sites: readonly string[], { isKnownSite }: Known): string | null {
  const unknown = sites.filter(bpns => !isKnownSite(bpns))
  return unknown.length === 0 ? null : `the directory of sites does not have ${unknown.join(', ')}`
}

function measureContradiction({ claims }: StatementOf<'backlog-measure'>, state: RecoveryState): string | null {
  const measure = state.systems[systemOf(claims.sub)].backlog.find(({ name }) => name === claims.name)
  return measure?.history.some(({ measuredAt }) => Date.parse(measuredAt) === Date.parse(claims.measured_at))
    ? `${claims.name} has a measurement of ${claims.measured_at} already`
    : null
}

function revocationContradiction(
  { claims: { sub }, signedBy }: StatementOf<'revocation'>,
  state: RecoveryState,
  { systemsOf }: Known,
): string | null {
  const { statements, keys } = state.revoked
  const name = nameIn(sub)
  if (isKeySubject(sub)) return keys.has(name) ? `the key ${name} is withdrawn already, since ${keys.get(name)}` : null
  if (statements.has(name)) return `the attestation ${name} is revoked already, since ${statements.get(name)}`
  const attested = Object.values(state.systems).find(({ attestations }) => attestations.some(({ id }) => id === name))
  if (attested === undefined) return `no attestation ${name} counts for any system, so there is nothing to revoke`
  const systems = systemsOf(signedBy.keyId)
  return systems === null || systems.includes(attested.key)
    ? null
    : `the attestation ${name} is about ${attested.key}; the key of ${signedBy.name} may speak of ${systems.join(', ')}`
}

function closingContradiction({ claims }: StatementOf<'automatic-closing'>, state: RecoveryState): string | null {
  const { name, lifecycle, suspension } = state.systems[systemOf(claims.sub)]
  if (suspension?.recorded) return `${name} is suspended already, since ${suspension.at}`
  return isSuspendable(lifecycle) || suspension !== null ? null : `${name} is ${lifecycle}: there is nothing to close`
}
