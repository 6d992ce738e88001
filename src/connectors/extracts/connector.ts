import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../model/clock.ts'
import { ensureError, GatewayError } from '../../model/errors.ts'
import type { SystemKey } from '../../model/system.ts'
import type { Counters } from '../../observe/counters.ts'
import type { Log } from '../../observe/log.ts'
import type { AnyRelation, Connector } from '../../systems/connector.ts'
import { columnName } from '../../systems/relation.ts'
import { checkedLookup, checkedPage } from '../query.ts'
import { type Drop, loadDrop } from './drop.ts'
import { MANIFEST, parseManifest } from './manifest.ts'
import type { Table } from './table.ts'

/**
 * The connector for file extracts: a directory in which a system drops CSV or JSON Lines with a manifest. A drop is
 * served whole or not at all: until a new one has been loaded and checked, and whenever it is refused, the last good
 * one stays. Reads throw `SYSTEM_UNAVAILABLE` while there is none.
 */
export interface ExtractsConnectorOptions {
  readonly system: SystemKey
  readonly directory: string
  /** The relations that every drop must have. */
  readonly relations: readonly AnyRelation[]
  readonly log: Log
  readonly counters: Counters
  readonly clock: Clock
  /** How often the manifest is looked at, in milliseconds. */
  readonly refreshMs: number
}

export interface ExtractsConnector extends Connector {
  /** Looks at the manifest now. Never rejects: what it meets is in `health`. */
  refresh(): Promise<void>
  health(): ExtractsHealth
}

export interface ExtractsHealth {
  /** Of the drop that is served; null: none yet. */
  readonly asOf: string | null
  /** Why the drop that lies in the directory is not served; null: it is. */
  readonly refused: { readonly at: string; readonly reason: string } | null
}

/** Resolves after the first attempt to load, whether it succeeded or not. */
export async function createExtractsConnector(options: ExtractsConnectorOptions): Promise<ExtractsConnector> {
  const { system, directory, relations, log, counters, clock, refreshMs } = options
  const closing = new AbortController()
  let served: { readonly manifest: string; readonly drop: Drop } | null = null
  let refused: ExtractsHealth['refused'] = null
  let underway: Promise<void> | null = null

  async function load(): Promise<void> {
    try {
      const manifest = await readFile(join(directory, MANIFEST), 'utf8')
      if (manifest !== served?.manifest) {
        const drop = await loadDrop(directory, parseManifest(manifest, relations), relations, closing.signal)
        closing.signal.throwIfAborted()
        const isFirst = served === null
        served = { manifest, drop }
        log[isFirst ? 'debug' : 'info']({ asOf: drop.asOf }, 'a drop of extracts is served')
      }
      refused = null
    } catch (thrown) {
      if (!closing.signal.aborted) refuse(ensureError(thrown))
    }
  }

  function refuse(error: Error): void {
    // The same drop is tried again at every look, as it may only be incomplete yet: it is reported once.
    if (refused?.reason === error.message) return
    refused = { at: new Date(clock.now()).toISOString(), reason: error.message }
    counters.count('extracts_refused', { system })
    log.error({ reason: error.message }, 'a drop of extracts is refused; the last good one stays')
  }

  function refresh(): Promise<void> {
    underway ??= load().finally(() => {
      underway = null
    })
    return underway
  }

  function current(signal: AbortSignal): Drop {
    signal.throwIfAborted()
    if (closing.signal.aborted) throw new Error('the connector to the extracts is closed')
    if (served !== null) return served.drop
    throw new GatewayError('SYSTEM_UNAVAILABLE', `${system} cannot answer now.`, {
      cause: new Error(refused?.reason ?? 'no drop of extracts has been loaded'),
      details: { system },
    })
  }

  await refresh()
  const timer = setInterval(() => void refresh(), refreshMs).unref()

  return {
    async lookup(relation, query, signal) {
      const checked = checkedLookup(relation, query)
      const drop = current(signal)
      return { rows: checked === null ? [] : tableOf(drop, relation).lookup(checked), asOf: drop.asOf }
    },
    async page(relation, query, signal) {
      const checked = checkedPage(relation, query)
      const drop = current(signal)
      const page = checked === null ? { rows: [], hasNextPage: false } : tableOf(drop, relation).page(checked)
      return { ...page, asOf: drop.asOf }
    },
    async totals(relation, signal) {
      const drop = current(signal)
      return { ...tableOf(drop, relation).totals, asOf: drop.asOf }
    },
    freshness: async signal => current(signal).asOf,
    async probe(wanted, signal) {
      const drop = current(signal)
      const problems = wanted.flatMap(relation => differences(drop.tables.get(relation.name), relation))
      if (problems.length > 0)
        throw new Error(`the extracts do not have the relations as declared: ${problems.join('; ')}`)
    },
    refresh,
    health: () => ({ asOf: served?.drop.asOf ?? null, refused }),
    async close() {
      clearInterval(timer)
      closing.abort()
      await underway
      served = null
    },
  }
}

function tableOf(drop: Drop, relation: AnyRelation): Table {
  const table = drop.tables.get(relation.name)
  if (table === undefined) throw new Error(`relation ${relation.name}: there are no extracts of it`)
  return table
}

function differences(table: Table | undefined, relation: AnyRelation): readonly string[] {
  if (table === undefined) return [`relation ${relation.name}: there are no extracts of it`]
  const loaded = new Map(Object.entries(table.relation.columns).map(([name, column]) => [name, column.sqlType]))
  return Object.entries(relation.columns)
    .filter(([name, column]) => loaded.get(name) !== column.sqlType)
    .map(([name, { sqlType }]) => {
      const found = loaded.has(name) ? `found ${loaded.get(name)}` : 'there is no such column'
      return `relation ${relation.name}, column ${columnName(name)}: expected ${sqlType}, ${found}`
    })
}
