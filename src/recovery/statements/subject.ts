import { SYSTEM_KEYS, type SystemKey } from '../../model/system.ts'
import { isKeySubject } from './kinds/revocation.ts'
import type { Statement } from './statement-kinds.ts'
import { systemOf } from './vocabulary.ts'

/**
 * The systems that a statement speaks of: its key must be one that may speak of them all. Called by the verifier.
 * The intrusion is the beginning of every system's evidence, so a fact about it speaks of all of them; so do a partner's
 * rights, and a key that is withdrawn with everything that it attested. An attestation that is taken back speaks of its
 * own system, which the state knows: `contradictionOf` sees to it. What is made public of the state is so of every system.
 */
export function systemsOf(statement: Statement): readonly SystemKey[] {
  switch (statement.kind) {
    case 'restore-attestation':
    case 'lifecycle-transition':
    case 'backlog-measure':
    case 'indicator-report':
    case 'automatic-closing':
      return [systemOf(statement.claims.sub)]
    case 'restart-update': {
      const { affects, public_facets, systems = {} } = statement.claims
      if (public_facets !== undefined) return SYSTEM_KEYS
      return SYSTEM_KEYS.filter(key => affects.includes(key) || systems[key] !== undefined)
    }
    case 'planned-reopening':
      return statement.claims.system === undefined ? [] : [statement.claims.system]
    case 'incident-fact':
    case 'partner-grant':
      return SYSTEM_KEYS
    case 'revocation':
      return isKeySubject(statement.claims.sub) ? SYSTEM_KEYS : []
    case 'site-restart':
      return []
    default:
      return statement satisfies never
  }
}
