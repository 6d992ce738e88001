import type { Clock } from '../../model/clock.ts'
import type { AnyRelation, Connector, RawRow } from '../../systems/connector.ts'
import { checkedLookup, checkedPage } from '../query.ts'
import { createFreshness } from './freshness.ts'
import { probeDatabase } from './probe.ts'
import type { SqlClient } from './sql-client.ts'
import { freshnessStatement, lookupStatement, pageStatement, type Statement, totalsStatement } from './statements.ts'

/**
 * The connector for PostgreSQL, embedded or a server: relation R is the table or view `<schema>.R`, its columns in
 * snake_case, and `<schema>.freshness` has one row, `as_of timestamptz`. Reads reject with the driver's error or the
 * signal's reason. It closes its client.
 */
export interface PostgresConnectorOptions {
  readonly client: SqlClient
  readonly schema: string
  readonly clock: Clock
}

export function createPostgresConnector({ client, schema, clock }: PostgresConnectorOptions): Connector {
  let closed = false

  function run({ text, params }: Statement, signal: AbortSignal) {
    if (closed) throw new Error(`the connector to the schema "${schema}" is closed`)
    return client.query(text, params, signal)
  }

  const remembered = createFreshness(async signal => {
    const { rows } = await run(freshnessStatement(schema), signal)
    const asOf = rows[0]?.as_of
    if (rows.length !== 1 || typeof asOf !== 'string' || !asOf.endsWith('Z'))
      throw new Error(`"${schema}".freshness must have one row whose as_of is the time of the data`)
    return asOf
  }, clock)

  async function freshness(signal: AbortSignal): Promise<string> {
    if (closed) throw new Error(`the connector to the schema "${schema}" is closed`)
    return remembered(signal)
  }

  return {
    async lookup(relation, query, signal) {
      const checked = checkedLookup(relation, query)
      // The time first: rows read after it cannot be older than it says.
      const asOf = await freshness(signal)
      if (checked === null) return { rows: [], asOf }
      const { rows } = await run(lookupStatement(schema, relation, checked), signal)
      return { rows, asOf }
    },
    async page(relation, query, signal) {
      const checked = checkedPage(relation, query)
      const asOf = await freshness(signal)
      if (checked === null) return { rows: [], asOf, hasNextPage: false }
      const { rows } = await run(pageStatement(schema, relation, checked), signal)
      refuseFineTimes(relation, rows)
      return { rows: rows.slice(0, query.first), asOf, hasNextPage: rows.length > query.first }
    },
    async totals(relation, signal) {
      const asOf = await freshness(signal)
      const { rows } = await run(totalsStatement(schema, relation), signal)
      const { $rows, ...sums } = rows[0] ?? {}
      return {
        rows: Number($rows),
        sums: Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, String(sum)])),
        asOf,
      }
    },
    freshness,
    async probe(relations, signal) {
      if (closed) throw new Error(`the connector to the schema "${schema}" is closed`)
      await probeDatabase(client, schema, relations, signal)
      await freshness(signal)
    },
    async close() {
      closed = true
      await client.close()
    },
  }
}

const MILLISECONDS = '2025-10-08T05:30:00.000Z'.length

/**
 * Inside the gateway a time has milliseconds. Where the order's times are finer, a cursor falls between two rows of
 * one millisecond and the next page silently repeats or loses rows: better no page than that one.
 */
function refuseFineTimes(relation: AnyRelation, rows: readonly RawRow[]): void {
  for (const name of relation.order.columns) {
    if (relation.columns[name]?.kind !== 'timestamp') continue
    if (rows.some(row => String(row[name]).length > MILLISECONDS))
      throw new Error(
        `relation ${relation.name} is paged by ${name}, which is finer than milliseconds: map it as timestamptz(3)`,
      )
  }
}
