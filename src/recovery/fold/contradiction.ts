import { isStep } from '../lifecycle/steps.ts'
import { isSuspendable } from '../lifecycle/suspension.ts'
import type { RecoveryState } from '../state.ts'
import type { Statement, StatementOf } from '../statements/statement-kinds.ts'
import { nameIn, systemOf } from '../statements/vocabulary.ts'
import { isKey } from './apply/revocation.ts'

/**
 * Whether a statement follows from the state: a step that is one, a revision that is the next, a partner that is there.
 * Called by the desk before guards are asked. It knows nothing of signatures and evidence.
 */

export interface Known {
  isKnownSite(bpns: string): boolean
}

/** What the statement contradicts, and what to do, for who signed it; null: nothing. The state is that of now. */
export function contradictionOf(statement: Statement, state: RecoveryState, known: Known): string | null {
  switch (statement.kind) {
    case 'restore-attestation':
      return attestationContradiction(statement, state)
    case 'lifecycle-transition':
      return transitionContradiction(statement, state)
    case 'incident-fact':
      return factContradiction(statement, state)
    case 'partner-grant':
      return grantContradiction(statement, state, known)
    case 'restart-update': {
      const id = nameIn(statement.claims.sub)
      return state.updates.some(update => update.id === id)
        ? `the update ${id} is published already; give the new one another name`
        : null
    }
    case 'planned-reopening':
      return statement.claims.site === undefined ? null : siteContradiction([statement.claims.site], known)
    case 'site-restart':
      return siteContradiction([nameIn(statement.claims.sub)], known)
    case 'backlog-measure':
      return measureContradiction(statement, state)
    case 'indicator-report':
      return null
    case 'revocation':
      return revocationContradiction(statement, state)
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
  return restoration?.completedAt ? null : `no restore of ${name} is finished, so there is nothing to attest yet`
}

function transitionContradiction({ claims }: StatementOf<'lifecycle-transition'>, state: RecoveryState): string | null {
  const { name, lifecycle } = state.systems[systemOf(claims.sub)]
  if (claims.from !== lifecycle) return `${name} is ${lifecycle}, not ${claims.from}; look at it again and sign anew`
  return isStep(claims.from, claims.to) ? null : `there is no step from ${claims.from} to ${claims.to}`
}

function factContradiction({ claims }: StatementOf<'incident-fact'>, state: RecoveryState): string | null {
  const incident = nameIn(claims.sub)
  if (incident !== state.incidentReference) return `the incident is ${state.incidentReference}, not ${incident}`
  const next = (state.intrusion?.revision ?? 0) + 1
  return claims.revision === next ? null : `the next revision is ${next}, not ${claims.revision}`
}

function grantContradiction(
  { claims }: StatementOf<'partner-grant'>,
  { partners }: RecoveryState,
  known: Known,
): string | null {
  const bpnl = nameIn(claims.sub)
  const registered = partners.get(bpnl)?.entry
  if (claims.action === 'REGISTER' && registered !== undefined) return `${bpnl} is registered already; use CHANGE`
  if (claims.action !== 'REGISTER' && registered === undefined) return `${bpnl} is not registered; use REGISTER`
  if (claims.action === 'DISABLE') return registered?.disabled ? `${bpnl} is disabled already` : null
  const clients = new Set(claims.partner.clients)
  for (const { entry } of partners.values()) {
    const taken = entry.bpnl === bpnl ? undefined : entry.clients.find(client => clients.has(client))
    // One client acts for one partner: otherwise the registry would have to choose whose rows it sees.
    if (taken !== undefined) return `the client ${taken} acts for ${entry.bpnl} already`
  }
  return siteContradiction(claims.partner.sites, known)
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

function revocationContradiction({ claims: { sub } }: StatementOf<'revocation'>, state: RecoveryState): string | null {
  const { statements, keys } = state.revoked
  const name = nameIn(sub)
  if (isKey(sub)) return keys.has(name) ? `the key ${name} is withdrawn already, since ${keys.get(name)}` : null
  if (statements.has(name)) return `the attestation ${name} is revoked already, since ${statements.get(name)}`
  const isAttested = Object.values(state.systems).some(({ attestations }) => attestations.some(({ id }) => id === name))
  return isAttested ? null : `no attestation ${name} counts for any system, so there is nothing to revoke`
}

function closingContradiction({ claims }: StatementOf<'automatic-closing'>, state: RecoveryState): string | null {
  const { name, lifecycle, suspension } = state.systems[systemOf(claims.sub)]
  if (suspension?.recorded) return `${name} is suspended already, since ${suspension.at}`
  return isSuspendable(lifecycle) || suspension !== null ? null : `${name} is ${lifecycle}: there is nothing to close`
}
