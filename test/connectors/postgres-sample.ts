import { createTables, tableName } from '../../demo/ddl.ts'
import type { PostgresMapping } from '../../src/connectors/postgres/mapping.ts'
import type { AnyRelation } from '../../src/systems/connector.ts'
import { columnName, type Row } from '../../src/systems/relation.ts'
import { AS_OF, SAMPLE, SAMPLE_RELATIONS } from './sample.ts'

/** SQL that a writing session runs to put the sample into a schema of a database, or to make it newer. */
export const SCHEMA = 'sample'

export type Write = (sql: string, params?: unknown[]) => Promise<unknown>

export interface SampleOptions {
  readonly schema?: string
  /** Declares the text columns with the database's own collation, as a site's tables may. */
  readonly ownCollation?: boolean
}

/** The mapping of a schema whose tables are named and made as the relations are. */
export const tablesOf = (schema: string): PostgresMapping => ({ schema, freshness: null, relations: {} })

export async function writeSample(write: Write, options: SampleOptions = {}): Promise<void> {
  const { schema = SCHEMA } = options
  await writeTables(write, schema, SAMPLE_RELATIONS, options)
  await write(`INSERT INTO ${schema}.freshness VALUES ($1::timestamptz)`, [AS_OF])
  for (const [relation, rows] of SAMPLE) await writeRows(write, schema, relation, rows)
}

export async function writeTables(
  write: Write,
  schema: string,
  relations: readonly AnyRelation[],
  { ownCollation = false }: SampleOptions = {},
): Promise<void> {
  const ddl = createTables(schema, relations)
  const statements = (ownCollation ? ddl.replaceAll(' COLLATE "C"', '') : ddl).split(/;\s*\n/).filter(Boolean)
  for (const statement of statements) await write(statement)
}

export async function writeRows(
  write: Write,
  schema: string,
  relation: AnyRelation,
  rows: readonly Row[],
): Promise<void> {
  const records = rows.map(row =>
    Object.fromEntries(Object.entries(row).map(([property, value]) => [columnName(property), value])),
  )
  const table = tableName(schema, relation)
  await write(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1::json)`, [
    JSON.stringify(records),
  ])
}

/** One statement, so that no reader sees half of it. */
export const advanceSql = (schema: string): string => `
  WITH moved AS (UPDATE ${schema}.freshness SET as_of = $1::timestamptz)
  UPDATE ${schema}.part_stock SET last_updated_on = $1::timestamptz`
