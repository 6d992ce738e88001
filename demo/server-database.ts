import pg from 'pg'
import type { SystemKey } from '../src/model/system.ts'
import { RELATIONS } from '../src/systems/relations/all.ts'
import { copyRows } from './copied-rows.ts'
import { bareTables, keyAndIndexes, quoted, script, tableName } from './ddl.ts'
import type { Dataset } from './generator/dataset.ts'

/**
 * Fills a PostgreSQL server with systems of a dataset: a schema for each, its tables, rows by COPY, then keys and indexes.
 * All in one transaction: nobody sees a schema half made, and a run that breaks off leaves the database as it was.
 * Called by the command `generate`; never touches a schema that it has not made.
 */
export interface ServerDatabaseOptions {
  /** `postgres://…`; what it leaves out comes from PGHOST, PGPASSWORD and their kin. */
  readonly connectionString: string
  readonly dataset: Dataset
  readonly systems: readonly SystemKey[]
  /** Put new schemas in the place of those that an earlier run made; else they are refused. */
  readonly replace: boolean
  /** A role that may read them; made where there is none, without a password. Null: nobody but the owner. */
  readonly reader: string | null
  readonly onProgress?: (step: ServerDatabaseStep) => void
}

export type ServerDatabaseStep =
  | { readonly kind: 'filling'; readonly relation: string; readonly rows: number }
  | { readonly kind: 'indexing'; readonly relation: string; readonly rows: number }
  | { readonly kind: 'finished'; readonly relation: string; readonly rows: number }

/** Begins the comment of every schema made here, by which a later run knows it. */
const MARK = 'Made by recovery-gateway generate'

const CONNECTION_TIMEOUT_MS = 10_000

/** Any number that no other program locks: one run at a time in a database. */
const LOCK_KEY = 6_317_203_450

/** `PARTS_LOGISTICS` → `parts_logistics`: the schema of a system. */
export const schemaOf = (system: SystemKey): string => system.toLowerCase()

/** Throws an `Error` that says what the server refused, or which schemas stand in the way. */
export async function fillServerDatabase(options: ServerDatabaseOptions): Promise<void> {
  const client = new pg.Client({
    connectionString: options.connectionString,
    application_name: 'recovery-gateway generate',
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    keepAlive: true,
  })
  // A lost connection is an event beside the rejected statement; unheard, it would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(BEGIN_SQL)
    await assertAlone(client)
    const replaced = await makeWay(client, options)
    for (const system of options.systems) await fillSystem(client, system, options)
    if (options.reader !== null) await admit(client, options.reader, options.systems)
    for (const schema of replaced) await client.query(`DROP SCHEMA ${quoted(schema)} CASCADE`)
    await client.query('COMMIT')
  } finally {
    // Without its COMMIT the transaction ends with the connection, and the server forgets all of it.
    await client.end()
  }
}

/** Whatever the role or the database presets: only PostgreSQL's own functions, no hurry, and no long wait for readers. */
const BEGIN_SQL = `
  BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
  SET LOCAL search_path = pg_catalog;
  SET LOCAL statement_timeout = 0;
  SET LOCAL lock_timeout = '10s';
  SET LOCAL maintenance_work_mem = '256MB'`

async function assertAlone(client: pg.Client): Promise<void> {
  const { rows } = await client.query('SELECT pg_try_advisory_xact_lock($1) AS alone', [LOCK_KEY])
  if (rows[0]?.alone !== true) throw new Error('another run is filling this database')
}

/**
 * Renames the schemas of an earlier run, which keeps no reader waiting, and returns their new names: they are dropped when
 * the ones that take their place are whole.
 */
async function makeWay(client: pg.Client, { systems, replace }: ServerDatabaseOptions): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string; isOurs: boolean }>(
    `SELECT nspname::text AS name, coalesce(starts_with(obj_description(oid, 'pg_namespace'), $2), false) AS "isOurs"
     FROM pg_namespace WHERE nspname = ANY($1::text[]) ORDER BY nspname`,
    [systems.map(schemaOf), MARK],
  )
  const foreign = rows.filter(({ isOurs }) => !isOurs)
  if (foreign.length > 0)
    throw new Error(`${named(foreign)} not of this command’s making and never replaced: choose another database`)
  if (rows.length > 0 && !replace)
    throw new Error(`${named(rows)} there already: --replace puts new rows in the place of the old ones`)
  for (const { name } of rows)
    await client.query(`ALTER SCHEMA ${quoted(name)} RENAME TO ${quoted(replacedName(name))}`)
  return rows.map(({ name }) => replacedName(name))
}

const replacedName = (schema: string): string => `${schema}_replaced`

function named(schemas: readonly { readonly name: string }[]): string {
  const names = schemas.map(({ name }) => name).join(', ')
  return schemas.length > 1 ? `the schemas ${names} are` : `the schema ${names} is`
}

async function fillSystem(
  client: pg.Client,
  system: SystemKey,
  { dataset, onProgress }: ServerDatabaseOptions,
): Promise<void> {
  const schema = schemaOf(system)
  const { seed, scale, anchor } = dataset.options
  await client.query(script(bareTables(schema, RELATIONS[system])))
  await client.query(
    `COMMENT ON SCHEMA ${quoted(schema)} IS ${pg.escapeLiteral(`${MARK}: seed ${seed}, scale ${scale}`)}`,
  )
  await client.query(`INSERT INTO ${quoted(schema)}.freshness VALUES ($1)`, [anchor])
  for (const relation of RELATIONS[system]) {
    const tell = (kind: ServerDatabaseStep['kind'], rows: number) =>
      onProgress?.({ kind, relation: relation.name, rows })
    tell('filling', 0)
    const rows = await copyRows(client, schema, relation, dataset.rows(relation), done => tell('filling', done))
    tell('indexing', rows)
    await client.query(script([...keyAndIndexes(schema, relation), `ANALYZE ${tableName(schema, relation)}`]))
    tell('finished', rows)
  }
}

/** Reading is all that is granted; a role made here begins every transaction read-only, too. */
async function admit(client: pg.Client, reader: string, systems: readonly SystemKey[]): Promise<void> {
  const role = quoted(reader)
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [reader])
  if (rowCount === 0)
    await client.query(
      script([`CREATE ROLE ${role} LOGIN`, `ALTER ROLE ${role} SET default_transaction_read_only = on`]),
    )
  for (const schema of systems.map(schemaOf).map(quoted))
    await client.query(
      script([
        `GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
        `GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role}`,
      ]),
    )
}
