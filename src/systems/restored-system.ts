import type { Clock } from '../model/clock.ts'
import { type ErrorCode, ensureError, GatewayError } from '../model/errors.ts'
import { canonicalJson, keyOf } from '../model/key.ts'
import type { Provenance } from '../model/provenance.ts'
import { createSteadyClock } from '../model/steady-clock.ts'
import type { SystemKey } from '../model/system.ts'
import { liesAhead } from '../model/time-ahead.ts'
import type { Observation } from '../recovery/lifecycle/observation.ts'
import type { Asker } from './asker.ts'
import { type Border, crossBorder } from './border.ts'
import { timestamp } from './columns.ts'
import type { AnyRelation, Condition, Connector, Reading, RowFilter } from './connector.ts'
import { DeadlineError, withinDeadline } from './deadline.ts'
import { aheadText, examineSystem } from './examination.ts'
import { invalidData } from './invalid-data.ts'
import { type Found, keyedRecords } from './keyed-records.ts'
import { NoAnswer } from './no-answer.ts'
import { createProof } from './proof.ts'
import { createReadTally } from './read-tally.ts'
import type { RecordOf } from './record.ts'
import type { Value } from './relation.ts'
import { rememberedLookup, rememberedRead } from './remembered-reads.ts'
import { createRecentFailures } from './shield/recent-failures.ts'
import { jitteredSeconds, Refusal } from './shield/refusal.ts'
import type { Shield, ShieldState } from './shield/shield.ts'

/**
 * One restored system as the rest of the gateway sees it: relations by key and by page, behind its shield and within its
 * deadline, each row checked at the border. Called by `systems.ts`, which asks the gate first. Never speaks a wire protocol.
 */
export interface RestoredSystem {
  readonly key: SystemKey
  /** For each key, its records, or the error where the system gave rows for it that cannot be trusted. */
  lookup<R extends AnyRelation>(
    relation: R,
    columns: readonly string[],
    keys: readonly (readonly Value[])[],
    visible: RowFilter,
    asker: Asker,
  ): Promise<readonly Found<R>[]>
  page<R extends AnyRelation>(
    relation: R,
    query: PageRequest,
    visible: RowFilter,
    asker: Asker,
  ): Promise<Page<RecordOf<R>>>
  health(): SystemHealth
  /** What its shield grants and holds back. */
  load(): ShieldState
  /** Looks at the system for its evidence: a write refused just now, the time of its data, totals of these relations. */
  examine(relations: readonly string[]): Promise<Observation>
  /** Proves that the system answers with the relations as declared, and read-only; no row is read before that. */
  prove(): Promise<void>
  close(): Promise<void>
}

/** What the last readings showed. */
export interface SystemHealth {
  /** The time the system's data was last seen to be as of; null before the first reading. */
  readonly asOf: string | null
  /** Code of the failure, where the last reading failed. */
  readonly failure: ErrorCode | null
  /** What is the matter although reads go on; null: nothing. For operators, never for partners. */
  readonly warning: string | null
}

export interface PageRequest {
  readonly where: readonly Condition[]
  readonly after: readonly Value[] | null
  readonly first: number
}

export interface Page<T> {
  readonly records: readonly T[]
  readonly hasNextPage: boolean
  readonly provenance: Provenance
}

export interface RestoredSystemOptions {
  readonly key: SystemKey
  readonly relations: readonly AnyRelation[]
  readonly connector: Connector
  /** Reads go through it, the wait for the proof and the check at the border included: bad rows count against the system. */
  readonly shield: Shield
  /** Most that the proof may take, in milliseconds. */
  readonly probeDeadlineMs: number
  readonly provenanceOf: (asOf: string) => Provenance
  readonly border: Border
  readonly clock: Clock
  /** At least 0, less than 1; default `Math.random`. */
  readonly random?: () => number
}

export function createRestoredSystem(options: RestoredSystemOptions): RestoredSystem {
  const { key: system, relations, connector, shield, probeDeadlineMs, provenanceOf, border, clock } = options
  const { random = Math.random } = options
  let asOf: string | null = null
  let failure: ErrorCode | null = null
  const tally = createReadTally(clock)
  // What is remembered is forgotten in time, also where the clock of the wall is set back.
  const steady = createSteadyClock(clock)
  const failures = createRecentFailures({ clock: steady, random })
  const proof = createProof(async () => {
    await withinDeadline(probeDeadlineMs, async signal => {
      await connector.probe(relations, signal)
      const seen = await connector.freshness(signal)
      if (!liesAhead(seen, clock.now())) asOf = seen
    })
  }, steady)

  /** Reads behind the shield, and makes of the rows what is handed on. */
  async function read<T extends Reading, V>(
    run: (signal: AbortSignal) => Promise<T>,
    make: (reading: T, provenance: Provenance) => V,
    asker: Asker,
    isUsable?: (made: V) => boolean,
  ): Promise<V> {
    const call = async (signal: AbortSignal) => {
      await proof.shown()
      signal.throwIfAborted()
      const reading = await run(signal)
      signal.throwIfAborted()
      const readAsOf = INSTANT.safeParse(reading?.asOf)
      if (!readAsOf.success || !Array.isArray(reading.rows)) throw invalidData(system)
      if (liesAhead(readAsOf.data, clock.now())) throw invalidData(system, new Error(aheadText(readAsOf.data)))
      return { made: make(reading, provenanceOf(readAsOf.data)), readAsOf: readAsOf.data }
    }
    try {
      const { made, readAsOf } = await shield.run(asker, call, isUsable && (({ made }) => isUsable(made)))
      asOf = readAsOf
      failure = null
      tally.answered()
      return made
    } catch (thrown) {
      // The system was not asked, or not for long enough: how it is stays what it was.
      if (thrown instanceof Refusal) throw thrown
      const error = readError(system, thrown, jitteredSeconds(0, random))
      failure = error.code
      tally.failed()
      throw error
    }
  }

  return {
    key: system,
    lookup(relation, columns, keys, visible, asker) {
      return rememberedLookup(failures, relation, { columns, keys, visible }, query =>
        read(
          signal => connector.lookup(relation, query, signal),
          ({ rows }, provenance) => keyedRecords(relation, query, rows, provenance, border),
          asker,
          isAnyFound,
        ),
      )
    },
    page(relation, request, visible, asker) {
      const nameOf = () => keyOf('page', canonicalJson([relation.name, request, visible]))
      const ask = () =>
        read(
          signal => connector.page(relation, { ...request, visible }, signal),
          ({ rows, hasNextPage }, provenance) => {
            const { records, rejected } = crossBorder(relation, rows, visible, provenance, border)
            if (rejected.length > 0) throw invalidData(system)
            return { records, hasNextPage, provenance }
          },
          asker,
        )
      return rememberedRead(failures, nameOf, ask)
    },
    health: () => ({ asOf, failure, warning: connector.warning() }),
    load: shield.state,
    async examine(names) {
      const seen = await examineSystem({ connector, relations, names, deadlineMs: probeDeadlineMs, clock })
      asOf = seen.asOf ?? asOf
      return { ...seen, reads: tally.lastHour() }
    },
    prove: proof.shown,
    close: () => connector.close(),
  }
}

const INSTANT = timestamp().schema

/** Where rows came for no key but such as cannot be trusted, the system is at fault, and not a row of it. */
function isAnyFound(found: readonly Found[]): boolean {
  return found.length === 0 || found.some(one => !(one instanceof GatewayError))
}

function readError(system: SystemKey, thrown: unknown, retryAfterSeconds: number): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  const cause = ensureError(thrown)
  const code = cause instanceof DeadlineError ? 'DEADLINE_EXCEEDED' : 'SYSTEM_UNAVAILABLE'
  return new NoAnswer(code, { system, retryAfterSeconds, cause })
}
