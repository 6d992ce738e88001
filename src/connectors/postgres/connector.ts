import type { Clock } from '../../model/clock.ts'
import { ConfigError } from '../../model/operator-file.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { createFreshness } from '../freshness.ts'
import { type Inspection, type MappedConnector, probeMapped } from '../mapped-connector.ts'
import { checkedLookup, checkedPage } from '../query.ts'
import { explanation } from './explanation.ts'
import { inspectRelation } from './inspection.ts'
import { freshnessSource, sourceOf as mappedSource, type PostgresMapping, type Source } from './mapping.ts'
import { proveReadOnly } from './read-only.ts'
import { refuseRights } from './role-rights.ts'
import { readError, refuseFineTimes, refuseTwins } from './row-checks.ts'
import { inspectRows } from './row-inspection.ts'
import type { Run } from './run.ts'
import type { SqlClient } from './sql-client.ts'
import {
  lookupStatement,
  pageStatement,
  type RelationSource,
  relationSource,
  type Statement,
  totalsStatement,
} from './statements.ts'
import { proveFreshness, timeOfData } from './time-of-data.ts'

/**
 * The connector for PostgreSQL, embedded or a server: a relation's rows come from the site's SELECT or from the table or
 * view of its name, with its columns in snake_case. Reads reject with the driver's error, with `SYSTEM_DATA_INVALID` where
 * rows contradict each other, or with the signal's reason. It closes its client.
 */
export interface PostgresConnectorOptions {
  readonly client: SqlClient
  readonly mapping: PostgresMapping
  readonly clock: Clock
}

/** Throws `ConfigError` where the mapping says nothing of the time. */
export function createPostgresConnector({ client, mapping, clock }: PostgresConnectorOptions): MappedConnector {
  const time = freshnessSource(mapping)
  if (time === null) throw new ConfigError(['there is no SELECT for freshness, and no schema to have its table'])
  let closed = false

  function sourceOf(relation: AnyRelation): Source {
    const source = mappedSource(mapping, relation)
    if (source === null) throw new Error(`relation ${relation.name} is not mapped`)
    return source
  }

  const sources = new Map<AnyRelation, RelationSource>()
  function rowsOf(relation: AnyRelation): RelationSource {
    let known = sources.get(relation)
    if (known === undefined) {
      known = relationSource(sourceOf(relation), relation)
      sources.set(relation, known)
    }
    return known
  }

  const run: Run = async ({ text, params, isRecurring }, signal) => {
    if (closed) throw new Error('the connector to PostgreSQL is closed')
    return client.query(text, params, signal, isRecurring)
  }

  async function read(relation: AnyRelation, statement: Statement, signal: AbortSignal) {
    try {
      return (await run(statement, signal)).rows
    } catch (thrown) {
      throw readError(relation, thrown)
    }
  }

  const remembered = createFreshness(signal => timeOfData(run, time, signal), clock)

  async function freshness(signal: AbortSignal): Promise<string> {
    if (closed) throw new Error('the connector to PostgreSQL is closed')
    return remembered(signal)
  }

  async function inspectAll(relations: readonly AnyRelation[], signal: AbortSignal): Promise<readonly Inspection[]> {
    const inspections: Inspection[] = []
    for (const relation of relations) inspections.push(await inspectRelation(run, mapping, relation, signal))
    return inspections
  }

  return {
    async lookup(relation, query, signal) {
      const checked = checkedLookup(relation, query)
      // The time first: rows read after it cannot be older than it says.
      const asOf = await freshness(signal)
      if (checked === null) return { rows: [], asOf }
      const rows = await read(relation, lookupStatement(rowsOf(relation), checked), signal)
      refuseTwins(relation, rows)
      return { rows, asOf }
    },
    async page(relation, query, signal) {
      const checked = checkedPage(relation, query)
      const asOf = await freshness(signal)
      if (checked === null) return { rows: [], asOf, hasNextPage: false }
      const rows = await read(relation, pageStatement(rowsOf(relation), relation, checked), signal)
      refuseFineTimes(relation, rows)
      refuseTwins(relation, rows)
      return { rows: rows.slice(0, query.first), asOf, hasNextPage: rows.length > query.first }
    },
    async totals(relation, signal) {
      const asOf = await freshness(signal)
      const [first] = await read(relation, totalsStatement(sourceOf(relation), relation), signal)
      const { $rows, ...sums } = first ?? {}
      return {
        rows: Number($rows),
        sums: Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, String(sum)])),
        asOf,
      }
    },
    freshness,
    async probe(relations, signal) {
      // Without a look at the rows, which readers would have to wait for.
      await probeMapped({ inspect: inspectAll, proveReadOnly: given => proveReadOnly(run, given) }, relations, signal)
      await proveFreshness(run, time, signal)
      await freshness(signal)
    },
    async inspect(relations, signal) {
      const inspections = await inspectAll(relations, signal)
      const sound = relations.filter((_, index) => inspections[index]?.problems.length === 0)
      const found = await inspectRows(run, mapping, sound, signal)
      return inspections.map(each => ({ ...each, ...found.get(each.relation) }))
    },
    async proveReadOnly(signal) {
      const proof = await proveReadOnly(run, signal)
      if (!client.isEmbedded) await refuseRights(run, signal)
      return proof
    },
    explain(relation, read) {
      const source = rowsOf(relation)
      if (read.kind === 'lookup') {
        const checked = checkedLookup(relation, read.query)
        return checked === null ? [] : [explanation(lookupStatement(source, checked))]
      }
      const checked = checkedPage(relation, read.query)
      return checked === null ? [] : [explanation(pageStatement(source, relation, checked))]
    },
    warning: () => null,
    async close() {
      closed = true
      await client.close()
    },
  }
}
