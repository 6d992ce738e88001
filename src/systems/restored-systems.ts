import type { Clock } from '../model/clock.ts'
import type { SiteDirectory } from '../model/directory.ts'
import { createSteadyClock } from '../model/steady-clock.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Counters } from '../observe/counters.ts'
import type { Log } from '../observe/log.ts'
import { provenanceOf } from '../recovery/reading/provenance.ts'
import type { Recovery } from '../recovery/recovery.ts'
import type { Border } from './border.ts'
import type { Connector } from './connector.ts'
import { RELATIONS } from './relations/all.ts'
import { createRestoredSystem, type RestoredSystem } from './restored-system.ts'
import { createOpening } from './shield/opening.ts'
import { createShield, type ShieldSettings } from './shield/shield.ts'

/** Most that a system's proof may take: it looks at every relation. */
const PROOF_DEADLINE_MS = 10_000

export type Connectors = Readonly<Record<SystemKey, Connector>>

interface SystemSettings {
  /** Most that one read may take, in milliseconds. */
  readonly deadlineMs: number
  readonly shield: ShieldSettings
}

export interface RestoredSystemsOptions {
  readonly connectors: Connectors
  readonly systems: Readonly<Record<SystemKey, SystemSettings>>
  readonly sites: SiteDirectory
  readonly recovery: Recovery
  readonly clock: Clock
  readonly log: Log
  readonly counters: Counters
  /** Is told where a system gave rows of another owner: its data or its mapping is wrong. */
  readonly onForeignRows: (system: SystemKey, relation: string, rows: number) => void
}

export type RestoredSystems = Readonly<Record<SystemKey, RestoredSystem>>

/** The three restored systems over their connectors, each with its relations, shield and provenance. */
export function createRestoredSystems(options: RestoredSystemsOptions): RestoredSystems {
  const { connectors, systems, sites, recovery, clock, log, counters, onForeignRows } = options
  const border: Border = {
    isKnownSite: bpns => sites.has(bpns),
    foreignRows({ system, name: relation }, rows) {
      counters.count('rows_dropped', { system, relation, reason: 'foreign_owner' }, rows)
      log.error(
        { system, relation, rows },
        'rows of another owner came back and were dropped: check the data and its mapping',
      )
      onForeignRows(system, relation, rows)
    },
    malformedRows({ system, name: relation }, rows, problem) {
      counters.count('rows_dropped', { system, relation, reason: 'malformed' }, rows)
      log.error(
        { system, relation, rows, problem },
        'rows that are not what their relation says came back and were not passed on',
      )
    },
  }
  const restored = SYSTEM_KEYS.map(key => {
    const { deadlineMs, shield: settings } = systems[key]
    const shield = createShield({
      system: key,
      settings,
      deadlineMs,
      openedMs: createOpening(recovery, key),
      clock: createSteadyClock(clock),
      random: Math.random,
      counters,
      log,
    })
    const system = createRestoredSystem({
      key,
      relations: RELATIONS[key],
      connector: connectors[key],
      shield,
      probeDeadlineMs: PROOF_DEADLINE_MS,
      provenanceOf: asOf => provenanceOf(recovery.current().state.systems[key], asOf),
      border,
      clock,
    })
    return [key, system] as const
  })
  return Object.fromEntries(restored) as Record<SystemKey, RestoredSystem>
}

export interface SystemProof {
  readonly system: SystemKey
  /** Why the proof could not be shown; null: it was. */
  readonly failure: unknown
}

/** Has every system show its proof; one that cannot keeps none of the others from it. */
export async function proveAll(restored: RestoredSystems): Promise<readonly SystemProof[]> {
  return Promise.all(
    SYSTEM_KEYS.map(system =>
      restored[system].prove().then(
        () => ({ system, failure: null }),
        (failure: unknown) => ({ system, failure }),
      ),
    ),
  )
}

/** Per system what an operator looks at first: where its lifecycle stands and how its last reading went. */
export function describeSystems(restored: RestoredSystems, recovery: Recovery): readonly object[] {
  const { systems } = recovery.current().state
  return SYSTEM_KEYS.map(key => ({ key, lifecycle: systems[key].lifecycle, ...restored[key].health() }))
}
