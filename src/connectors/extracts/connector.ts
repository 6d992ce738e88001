import { tmpdir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { ExtractsSettings } from '../../config/extracts-schema.ts'
import type { Clock } from '../../model/clock.ts'
import { GatewayError } from '../../model/errors.ts'
import type { SystemKey } from '../../model/system.ts'
import type { Counters } from '../../observe/counters.ts'
import type { Log } from '../../observe/log.ts'
import type { AnyRelation, RawRow } from '../../systems/connector.ts'
import { abortable } from '../abortable.ts'
import { type MappedConnector, probeMapped } from '../mapped-connector.ts'
import { checkedLookup, checkedPage } from '../query.ts'
import type { RelationTotals } from './drop-file.ts'
import { createDrops, type Drop } from './drops.ts'
import { explanation } from './explanation.ts'
import { inspectionOf, readOnlyProof } from './inspection.ts'
import { mappingOf } from './mapping.ts'
import { createReader } from './reader.ts'
import { lookupStatement, pagePlan } from './statements.ts'
import { createWorkDirectory } from './work-directory.ts'

/**
 * The connector for file extracts: a directory in which a system drops CSV or JSON Lines with a manifest. A drop is loaded
 * into a SQLite file by one thread and read by another, and is served whole or not at all. Reads throw
 * `SYSTEM_UNAVAILABLE` while there is none.
 */
export interface ExtractsConnectorOptions {
  readonly system: SystemKey
  readonly settings: Omit<ExtractsSettings, 'kind'>
  /** The relations that every drop must have. */
  readonly relations: readonly AnyRelation[]
  readonly log: Log
  readonly counters: Counters
  readonly clock: Clock
  /** Longest wait for the first drop, in milliseconds; a larger one is still being loaded then. Default 10,000. */
  readonly startWaitMs?: number
}

export interface ExtractsConnector extends MappedConnector {
  /** Looks at the manifest now, and loads what is new. Never rejects: what it meets is in `health`. */
  refresh(): Promise<void>
  health(): ExtractsHealth
}

export interface ExtractsHealth {
  /** Of the drop that is served; null: none yet. */
  readonly asOf: string | null
  /** Why the drop that lies in the directory is not served; null: it is, or is being loaded. */
  readonly refused: { readonly at: string; readonly reason: string } | null
}

/** How often whoever waits for the first drop is told how far it is, in milliseconds. */
const TELL_MS = 5_000

/** Resolves when the first drop is loaded or refused, or after `startWaitMs`. Rejects where it has no place to work in. */
export async function createExtractsConnector(options: ExtractsConnectorOptions): Promise<ExtractsConnector> {
  const { system, settings, relations, log, counters, clock, startWaitMs = 10_000 } = options
  const { directory, refreshSeconds } = settings
  const mappings = new Map(relations.map(each => [each, mappingOf(settings.relations?.[each.name])]))
  const work = await createWorkDirectory(settings.workDirectory ?? tmpdir())
  let isClosed = false
  const reader = createReader({
    onDeath(reason) {
      counters.count('extracts_reader_deaths', { system })
      log.error({ reason: reason.message }, 'the thread that reads the extracts ended; the next read starts another')
    },
  })
  const drops = createDrops({
    directory,
    mappings,
    workDirectory: work.path,
    release: file => reader.release(file),
    onRefused({ reason }) {
      counters.count('extracts_refused', { system })
      log.error({ reason }, 'a drop of extracts is refused; the last good one stays')
    },
    log,
    clock,
  })
  const loaded = new Map([...mappings].map(([relation, mapping]) => [relation.name, { relation, mapping }]))

  function unavailable(): Error {
    if (isClosed) return new Error('the connector to the extracts is closed')
    return new GatewayError('SYSTEM_UNAVAILABLE', `${system} cannot answer now.`, {
      cause: new Error(drops.refused()?.reason ?? 'the first drop of extracts is still being loaded'),
      details: { system },
    })
  }

  function current(signal: AbortSignal): Drop {
    signal.throwIfAborted()
    const drop = drops.served()
    if (drop === null || isClosed) throw unavailable()
    return drop
  }

  async function inspect(wanted: readonly AnyRelation[], signal: AbortSignal) {
    signal.throwIfAborted()
    if (isClosed) throw unavailable()
    // Who inspects waits for the first drop; the signal is their patience.
    if (drops.served() === null) await abortable(drops.refresh(), signal)
    const refusals = drops.served() === null ? drops.refused()?.relations : []
    if (!refusals) throw unavailable()
    return wanted.map(relation => inspectionOf(relation, { loaded, refusals }))
  }

  let proving: Promise<string> | null = null
  async function proveReadOnly(signal: AbortSignal): Promise<string> {
    // One question at a time: a directory that hangs would get one more with each.
    proving ??= readOnlyProof(directory).finally(() => {
      proving = null
    })
    return abortable(proving, signal)
  }

  async function whenLoaded(signal: AbortSignal, progress: (text: string) => void): Promise<void> {
    if (drops.served() !== null || isClosed) return
    const telling = setInterval(() => {
      const rows = drops.loadedRows()
      progress(rows === null ? `${directory} is looked at` : `${rows.toLocaleString('en-GB')} rows are loaded`)
    }, TELL_MS)
    try {
      await abortable(drops.refresh(), signal)
    } finally {
      clearInterval(telling)
    }
  }

  const waited = new AbortController()
  await Promise.race([drops.refresh(), delay(startWaitMs, undefined, { signal: waited.signal }).catch(() => {})])
  waited.abort()
  const timer = setInterval(() => void drops.refresh(), refreshSeconds * 1_000).unref()

  return {
    async lookup(relation, query, signal) {
      const checked = checkedLookup(relation, query)
      const drop = current(signal)
      requireLoaded(drop, relation)
      if (checked === null) return { rows: [], asOf: drop.asOf }
      const found = await drops.during(drop, reader.lookup(drop.file, lookupStatement(relation, checked), signal))
      return { rows: found.map(rowOf(relation)), asOf: drop.asOf }
    },
    async page(relation, query, signal) {
      const checked = checkedPage(relation, query)
      const drop = current(signal)
      requireLoaded(drop, relation)
      if (checked === null) return { rows: [], hasNextPage: false, asOf: drop.asOf }
      const found = await drops.during(drop, reader.page(drop.file, pagePlan(relation, checked), signal))
      const rows = found.slice(0, checked.first).map(rowOf(relation))
      return { rows, hasNextPage: found.length > rows.length, asOf: drop.asOf }
    },
    async totals(relation, signal) {
      const drop = current(signal)
      return { ...requireLoaded(drop, relation), asOf: drop.asOf }
    },
    freshness: async signal => current(signal).asOf,
    whenLoaded,
    inspect,
    proveReadOnly,
    probe: (wanted, signal) => probeMapped({ inspect, proveReadOnly }, wanted, signal),
    explain: (relation, read) =>
      explanation(relation, loaded.get(relation.name)?.mapping ?? mappingOf(undefined), read),
    warning() {
      const [refused, drop] = [drops.refused(), drops.served()]
      if (refused !== null) {
        const served =
          drop === null ? 'there is no drop to serve' : `the drop as of ${drop.asOf} is served, a newer one refused`
        return `${served} since ${refused.at}: ${refused.reason}`
      }
      const { asOf, newerBefore = null } = drop ?? {}
      if (newerBefore === null) return null
      return `the drop as of ${asOf} is served, which is older than the one before it, as of ${newerBefore}`
    },
    refresh: drops.refresh,
    health() {
      const refused = drops.refused()
      return { asOf: drops.served()?.asOf ?? null, refused: refused && { at: refused.at, reason: refused.reason } }
    },
    async close() {
      isClosed = true
      clearInterval(timer)
      await drops.close()
      await reader.close()
      await work.remove()
    },
  }
}

function requireLoaded(drop: Drop, relation: AnyRelation): RelationTotals {
  const totals = drop.totals.get(relation.name)
  if (totals === undefined) throw new Error(`relation ${relation.name}: there are no extracts of it`)
  return totals
}

/** Makes a row of its values, which stand in the order of the relation's columns. */
function rowOf(relation: AnyRelation): (values: readonly unknown[]) => RawRow {
  const names = Object.keys(relation.columns)
  return values => {
    const row: Record<string, unknown> = {}
    let index = 0
    for (const name of names) row[name] = values[index++]
    return row
  }
}
