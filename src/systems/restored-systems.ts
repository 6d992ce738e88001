import type { Clock } from '../model/clock.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Counters } from '../observe/counters.ts'
import type { Log } from '../observe/log.ts'
import { provenanceOf } from '../recovery/provenance.ts'
import type { Recovery } from '../recovery/state.ts'
import type { BorderReport } from './border.ts'
import type { Connector } from './connector.ts'
import { RELATIONS } from './relations/all.ts'
import { createRestoredSystem, type RestoredSystem } from './restored-system.ts'

/** Most that a system's proof may take: it looks at every relation. */
const PROOF_DEADLINE_MS = 10_000

export interface RestoredSystemsOptions {
  readonly connectors: Readonly<Record<SystemKey, Connector>>
  readonly systems: Readonly<Record<SystemKey, { readonly deadlineMs: number }>>
  readonly recovery: Recovery
  readonly clock: Clock
  readonly log: Log
  readonly counters: Counters
}

/** The three restored systems over their connectors, each with its relations, deadline and provenance. */
export function createRestoredSystems(options: RestoredSystemsOptions): Readonly<Record<SystemKey, RestoredSystem>> {
  const { connectors, systems, recovery, clock, log, counters } = options
  const report: BorderReport = {
    foreignRow({ system, name: relation }) {
      counters.count('rows_dropped', { system, relation, reason: 'foreign_owner' })
      log.error(
        { system, relation },
        'a row of another owner came back and was dropped: check the data and its mapping',
      )
    },
    malformedRow({ system, name: relation }, problem) {
      counters.count('rows_dropped', { system, relation, reason: 'malformed' })
      log.error(
        { system, relation, problem },
        'a row that is not what its relation says came back and was not passed on',
      )
    },
  }
  const restored = SYSTEM_KEYS.map(key => {
    const system = createRestoredSystem({
      key,
      relations: RELATIONS[key],
      connector: connectors[key],
      deadlineMs: systems[key].deadlineMs,
      probeDeadlineMs: PROOF_DEADLINE_MS,
      provenanceOf: asOf => provenanceOf(recovery.current().state.systems[key], asOf),
      report,
      clock,
    })
    return [key, system] as const
  })
  return Object.fromEntries(restored) as Record<SystemKey, RestoredSystem>
}
