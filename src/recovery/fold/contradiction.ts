import { isStep } from '../lifecycle/steps.ts'
import { isSuspendable } from '../lifecycle/suspension.ts'
import type { RecoveryState } from '../state.ts'
import type { TransitionClaims } from '../statements/kinds/lifecycle-transition.ts'
import { isKeySubject } from '../statements/kinds/revocation.ts'
import type { Statement, StatementOf } from '../statements/statement-kinds.ts'
import { nameIn, systemOf } from '../statements/vocabulary.ts'
import type { Suspension, SystemState } from '../system-state.ts'
import { attestationContradiction } from './attestation-contradiction.ts'
import type { Known } from './known.ts'
import { isOvertaken } from './overtaken.ts'

/**
 * Whether a statement follows from the state: a step that is one, a revision that is the next, a partner that is there,
 * nothing that has been overtaken. Called by the desk before guards are asked. It knows nothing of signatures and evidence.
 */

/** What the statement contradicts, and what to do, for who signed it; null: nothing. The state is that of now. */
export function contradictionOf(statement: Statement, state: RecoveryState, known: Known): string | null {
  switch (statement.kind) {
    case 'restore-attestation':
      return attestationContradiction(statement, state, known)
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

function transitionContradiction(
  statement: StatementOf<'lifecycle-transition'>,
  { systems }: RecoveryState,
): string | null {
  const { claims } = statement
  const { from, to, sub } = claims
  const system = systems[systemOf(sub)]
  const { name, lifecycle, suspension } = system
  if (from !== lifecycle) return `${name} is ${lifecycle}, not ${from}; look at it again and sign anew`
  if (!isStep(from, to)) return `there is no step from ${from} to ${to}`
  if (suspension !== null && claims.to === 'SUSPENDED') return resuspensionContradiction(claims, name, suspension)
  return to === 'ISOLATED' || to === 'SUSPENDED' ? null : overtakenStep(statement, system)
}

/** A suspended system is suspended again only by what forbids more. */
function resuspensionContradiction(
  { distrust_since, last_known_good = false }: Extract<TransitionClaims, { readonly to: 'SUSPENDED' }>,
  name: string,
  suspension: Suspension,
): string | null {
  if (last_known_good && !suspension.lastKnownGood)
    return `${name} is SUSPENDED, and nothing of it may be given; another suspension cannot allow it`
  if (distrust_since !== undefined || suspension.lastKnownGood !== last_known_good) return null
  return suspension.lastKnownGood
    ? `${name} is SUSPENDED already; another suspension has to give distrust_since, or leave out last_known_good`
    : `${name} is SUSPENDED already; another suspension has to give distrust_since`
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
  const { sub, headline, phase, next_update_by, public_facets, systems } = statement.claims
  const id = nameIn(sub)
  if (updates.some(update => update.id === id))
    return `the update ${id} is published already; give the new one another name`
  const changes = [headline, phase, next_update_by, public_facets, systems].some(said => said !== undefined)
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
