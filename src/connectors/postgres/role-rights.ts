import type { Run } from './run.ts'

/**
 * Whether the role could do more than read if a session ever were not read-only. Called by `connector.ts` for whoever
 * checks a configuration, never at a start: it goes through the catalogue. It tries nothing.
 */

/** Throws one error that names the role, its rights and what takes them away. */
export async function refuseRights(run: Run, signal: AbortSignal): Promise<void> {
  const { rows } = await run({ text: RIGHTS_SQL, params: [] }, signal)
  const [row] = rows
  if (row === undefined) throw new Error('the server does not say what the role may')
  const { role, attributes, writable } = row
  const rights = [...textsOf(attributes), ...tablesText(textsOf(writable))]
  if (rights.length > 0)
    throw new Error(
      `a write is refused in this session, but the role ${role} ${rights.join(', ')}: read as a role that has SELECT on what is mapped and nothing else`,
    )
}

const MOST_TABLES = 3

function tablesText(tables: readonly string[]): readonly string[] {
  if (tables.length === 0) return []
  const more = tables.length > MOST_TABLES ? ' and others' : ''
  return [`may write ${tables.slice(0, MOST_TABLES).join(', ')}${more}`]
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/**
 * Of the role and of every role that it may become with SET ROLE, inherited or not. A superuser may everything, which is
 * said once. `pg_has_role` knows no such role on servers that are older than it: hence the names are looked up.
 */
const RIGHTS_SQL = `
  WITH mine AS (
    SELECT * FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER')
  ), super AS (
    SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolsuper
  )
  SELECT current_user::text AS role,
    CASE WHEN EXISTS (SELECT FROM super) THEN ARRAY['is a superuser'] ELSE ARRAY(
      SELECT 'may become the superuser ' || rolname FROM mine WHERE rolsuper
      UNION ALL SELECT 'may bypass row security' WHERE EXISTS (SELECT FROM mine WHERE rolbypassrls AND NOT rolsuper)
      UNION ALL SELECT 'may create roles' WHERE EXISTS (SELECT FROM mine WHERE rolcreaterole AND NOT rolsuper)
      UNION ALL SELECT 'is a member of ' || rolname FROM mine
        WHERE rolname IN ('pg_execute_server_program', 'pg_write_server_files', 'pg_write_all_data', 'pg_read_server_files')
    ) END AS attributes,
    CASE WHEN EXISTS (SELECT FROM super) THEN '{}' ELSE ARRAY(
      SELECT c.oid::regclass::text
      FROM pg_catalog.pg_class c
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
        AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        AND EXISTS (
          SELECT FROM mine
          WHERE pg_catalog.has_table_privilege(mine.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
            OR pg_catalog.has_any_column_privilege(mine.oid, c.oid, 'INSERT, UPDATE'))
      ORDER BY c.oid
      LIMIT ${MOST_TABLES + 1}
    ) END AS writable`
