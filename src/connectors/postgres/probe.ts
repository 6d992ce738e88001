import type { Column } from '../../systems/columns.ts'
import { type AnyRelation, WriteAccepted } from '../../systems/connector.ts'
import { columnName } from '../../systems/relation.ts'
import { type SqlClient, SqlError } from './sql-client.ts'
import { emptyStatement } from './statements.ts'

/**
 * Proves, before a row is read, that a database is what the relations say and that nothing can be written through
 * this session. Called by `connector.ts`. Leaves nothing behind, even in a database that would let it.
 */
export async function probeDatabase(
  client: SqlClient,
  schema: string,
  relations: readonly AnyRelation[],
  signal: AbortSignal,
): Promise<void> {
  const problems = await differences(client, schema, relations, signal)
  if (problems.length > 0)
    throw new Error(`the schema "${schema}" does not have the relations as declared: ${problems.join('; ')}`)
  for (const relation of relations) {
    const { text, params } = emptyStatement(schema, relation)
    await client.query(text, params, signal).catch((cause: unknown) => {
      throw new Error(`relation ${relation.name} of the schema "${schema}" cannot be read`, { cause })
    })
  }
  await proveReadOnly(client, signal)
}

// Catalogue names have the type "name", which drivers read differently from text.
const COLUMNS_SQL = `
  SELECT c.relname::text AS relation, a.attname::text AS "column",
         format_type(a.atttypid, NULL) AS type, format_type(a.atttypid, a.atttypmod) AS "fullType"
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
  WHERE n.nspname = $1::text AND c.relname = ANY($2::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND a.attnum > 0 AND NOT a.attisdropped`

async function differences(
  client: SqlClient,
  schema: string,
  relations: readonly AnyRelation[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { rows } = await client.query(COLUMNS_SQL, [schema, relations.map(({ name }) => name)], signal)
  const found = new Map(rows.map(row => [`${row.relation}.${row.column}`, row]))
  return relations.flatMap(relation =>
    rows.some(row => row.relation === relation.name)
      ? Object.entries(relation.columns).flatMap(([property, column]) => {
          const name = columnName(property)
          const row = found.get(`${relation.name}.${name}`)
          if (row !== undefined && isTypeOf(column, String(row.type))) return []
          const instead = row === undefined ? 'there is no such column' : `found ${row.fullType}`
          return [`relation ${relation.name}, column ${name}: expected ${column.sqlType}, ${instead}`]
        })
      : [`relation ${relation.name}: there is no such table or view`],
  )
}

/** Lengths and scales are the border's business: it checks values, and a view has none. */
const SQL_TYPES = {
  text: ['character varying', 'text'],
  integer: ['integer'],
  decimal: ['numeric'],
  date: ['date'],
  timestamp: ['timestamp with time zone'],
  boolean: ['boolean'],
  texts: ['text[]'],
} as const satisfies Record<Column['kind'], readonly string[]>

function isTypeOf(column: Column, type: string): boolean {
  const expected: readonly string[] = column.sqlType.startsWith('char(') ? ['character'] : SQL_TYPES[column.kind]
  return expected.includes(type)
}

const READ_ONLY_SQL_TRANSACTION = '25006'

/** A read-only transaction refuses every CREATE before it looks at rights; where this one is allowed, it ends with its own commit. */
async function proveReadOnly(client: SqlClient, signal: AbortSignal): Promise<void> {
  try {
    await client.query('CREATE TEMPORARY TABLE recovery_gateway_write_probe () ON COMMIT DROP', [], signal)
  } catch (thrown) {
    if (thrown instanceof SqlError && thrown.sqlState === READ_ONLY_SQL_TRANSACTION) return
    throw new Error('the database did not refuse a write as a read-only session must', { cause: thrown })
  }
  throw new WriteAccepted(
    'the database accepted a write: sessions must be read-only; set default_transaction_read_only = on for the role and pass it through every pooler',
  )
}
