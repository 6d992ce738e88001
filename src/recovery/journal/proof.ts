import { type Database, type Query, RefusedSql } from './database.ts'
import { NO_ENTRY } from './entry.ts'
import { NOT_AHEAD, TRIGGERS } from './schema.ts'

/**
 * Shows that a session can read the journal and add to it, and can do nothing else with it: by trying, in a transaction
 * that is rolled back, and by what the catalogue says of its role. Called by the store, at start.
 */

const INSUFFICIENT_PRIVILEGE = '42501'
const UNIQUE_VIOLATION = '23505'
const REMEDY = 'have the owner of the database run the SQL for the journal, and log in as the role that it names'

/** Throws an `Error` that says what the role cannot do and must, or can do and must not. */
export async function proveAppendOnly(database: Database, table: string): Promise<void> {
  await database.rehearse(async query => {
    await proveStanding(query, table)
    await proveInsert(query, table)
    await proveTime(query, table)
    await proveRefused(query, `UPDATE ${table} SET seal = seal`)
    await proveRefused(query, `DELETE FROM ${table}`)
    await proveRefused(query, `TRUNCATE ${table}`)
  })
}

/** An owner or a superuser could first remove what refuses; a table without its triggers refuses nothing to its owner. */
async function proveStanding(query: Query, table: string): Promise<void> {
  const [standing] = await query(
    `SELECT current_user AS role, rolsuper AS superuser, pg_has_role(current_user, relowner, 'MEMBER') AS owner,
       (SELECT count(*)::int FROM pg_trigger
         WHERE tgrelid = pg_class.oid AND tgname = ANY ($2::text[]) AND tgenabled = 'A') AS triggers
     FROM pg_class, pg_roles WHERE pg_class.oid = to_regclass($1) AND rolname = current_user`,
    [table, [...TRIGGERS]],
  )
  if (standing === undefined) throw new Error(`there is no table ${table}: ${REMEDY}`)
  const { role, superuser, owner, triggers } = standing
  if (superuser === true || owner === true)
    throw new Error(`the role ${role} owns the journal or is a superuser, so it could change entries: ${REMEDY}`)
  if (triggers !== TRIGGERS.length)
    throw new Error(`the triggers that refuse changes to ${table} are missing or disabled: ${REMEDY}`)
}

async function proveInsert(query: Query, table: string): Promise<void> {
  const refused = await attemptInsert(query, table, 'clock_timestamp()')
  // Another instance was first, which the table says only to those who may insert.
  if (refused === null || refused.sqlState === UNIQUE_VIOLATION) return
  throw new Error(`the journal cannot be added to: ${refused.message}`)
}

/** A table that was made before times were looked at takes any. */
async function proveTime(query: Query, table: string): Promise<void> {
  const refused = await attemptInsert(query, table, "clock_timestamp() + interval '1 year'")
  if (refused?.constraint === NOT_AHEAD) return
  throw new Error(
    refused === null
      ? `the database takes entries from the future into ${table}: ${REMEDY}`
      : `whether the journal takes entries from the future cannot be told: ${refused.message}`,
  )
}

/** A row that follows, recorded at a time that SQL gives. */
function attemptInsert(query: Query, table: string, at: string): Promise<RefusedSql | null> {
  return attempt(
    query,
    `INSERT INTO ${table} (sequence, recorded_at, statement_id, statement, acceptance, previous_hash, hash, seal)
     SELECT coalesce(max(sequence), 0) + 1, to_char((${at}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       gen_random_uuid()::text, '', '',
       coalesce((SELECT hash FROM ${table} ORDER BY sequence DESC LIMIT 1), '${NO_ENTRY}'), gen_random_uuid()::text, ''
     FROM ${table}`,
  )
}

async function proveRefused(query: Query, statement: string): Promise<void> {
  const refused = await attempt(query, statement)
  if (refused?.sqlState === INSUFFICIENT_PRIVILEGE) return
  throw new Error(
    refused === null
      ? `the journal is not append-only: the database allows ${statement}`
      : `whether the journal is append-only cannot be told: ${refused.message}`,
  )
}

/** What PostgreSQL said against a statement, whose effects are undone; null: it would have been done. */
async function attempt(query: Query, statement: string): Promise<RefusedSql | null> {
  await query('SAVEPOINT attempt')
  try {
    await query(statement)
    return null
  } catch (thrown) {
    if (thrown instanceof RefusedSql) return thrown
    throw thrown
  } finally {
    await query('ROLLBACK TO SAVEPOINT attempt')
  }
}
