import { deepFreeze } from '../../model/freeze.ts'
import { SYSTEM_KEYS, SYSTEM_NAMES, type SystemKey } from '../../model/system.ts'
import type { RecoverySnapshot } from '../recovery.ts'
import type { SystemState } from '../system-state.ts'

/** The state before the first entry of the journal. Called where a journal is opened, and by nobody after that. */

/** Everything is cut off, nobody is a partner, nothing is known. `at`: since when that is so, RFC 3339. */
export function initialSnapshot(incidentReference: string, at: string): RecoverySnapshot {
  return deepFreeze({
    state: {
      head: { journal: '', sequence: 0, hash: '', recordedAt: null },
      incidentReference,
      headline: 'The systems are isolated. There is no news yet.',
      phase: 'CONTAINMENT_AND_ERADICATION',
      updatedAt: at,
      nextUpdateBy: null,
      intrusion: null,
      systems: forEachSystem(key => isolatedSystem(key, at)),
      sites: [],
      plannedReopenings: [],
      updates: [],
      publicFacets: [],
      partners: new Map(),
      revoked: { statements: new Map(), keys: new Map() },
    },
    epochs: forEachSystem(() => 'empty.0'),
  })
}

function isolatedSystem(key: SystemKey, since: string): SystemState {
  return {
    key,
    name: SYSTEM_NAMES[key],
    lifecycle: 'ISOLATED',
    since,
    waves: [],
    nextUpdateBy: null,
    reconciledThrough: null,
    gap: null,
    disruptedAt: null,
    priority: null,
    objectives: null,
    containment: null,
    restoration: null,
    attestations: [],
    indicators: [],
    contact: null,
    knownLimitations: [],
    workaround: null,
    backlog: [],
    transitions: [],
    suspension: null,
    distrusted: [],
  }
}

function forEachSystem<T>(make: (key: SystemKey) => T): Readonly<Record<SystemKey, T>> {
  return Object.fromEntries(SYSTEM_KEYS.map(key => [key, make(key)])) as Record<SystemKey, T>
}
