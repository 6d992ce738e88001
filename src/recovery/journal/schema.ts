import { MOST_AHEAD_SECONDS } from './clock-problem.ts'
import { NO_ENTRY } from './entry.ts'

/**
 * The table of the journal in PostgreSQL, version 14 or later, and who may do what with it. Run as its owner, by a
 * database administrator or the embedded default, in one transaction (`psql --single-transaction`); running it again changes nothing.
 */

/** Names that need no quoting wherever they stand, short enough for what is derived from them. */
const IDENTIFIER = /^[a-z_][a-z0-9_]{0,47}$/

export const JOURNAL_TABLE = 'entry'
/** The constraints and triggers that the store tells apart and looks for. */
export const SEQUENCE_KEY = 'entry_pkey'
export const STATEMENT_KEY = 'entry_statement_id_key'
export const FOLLOWS = 'entry_follows'
/** Named as the constraint by what refuses an entry from the future. */
export const NOT_AHEAD = 'entry_not_ahead'
export const TRIGGERS = [FOLLOWS, 'entry_keeps_rows', 'entry_keeps_all'] as const

/** Throws `TypeError` unless the text can be used as a name in SQL as it is. */
export function assertIdentifier(text: string, what: string): void {
  if (IDENTIFIER.test(text)) return
  throw new TypeError(`${what} ${JSON.stringify(text)}: must be lower case letters, digits and _, 1 to 48 of them`)
}

/**
 * SQL for the schema, its table, what refuses changes to it, and a role that may read and insert, which cannot log in
 * if it is made here. The rules hold for the owner too (`ENABLE ALWAYS`): only an owner who removes them first gets past.
 */
export function JOURNAL_DDL(schema: string, role: string): string {
  assertIdentifier(schema, 'the schema of the journal')
  assertIdentifier(role, 'the role of the journal')
  return `
SELECT pg_advisory_xact_lock(hashtextextended('recovery-gateway journal ${schema}', 0));

DO $body$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${role}') THEN
    CREATE ROLE "${role}" NOLOGIN;
  END IF;
END $body$;

CREATE SCHEMA IF NOT EXISTS "${schema}";

CREATE TABLE IF NOT EXISTS "${schema}".${JOURNAL_TABLE} (
  sequence bigint NOT NULL CONSTRAINT ${SEQUENCE_KEY} PRIMARY KEY CONSTRAINT entry_sequence_check CHECK (sequence > 0),
  recorded_at text NOT NULL,
  statement_id text NOT NULL CONSTRAINT ${STATEMENT_KEY} UNIQUE,
  statement text NOT NULL,
  acceptance text NOT NULL,
  previous_hash text NOT NULL,
  hash text NOT NULL CONSTRAINT entry_hash_key UNIQUE,
  seal text NOT NULL
);

CREATE OR REPLACE FUNCTION "${schema}".refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  RAISE EXCEPTION 'the journal is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $body$;

-- First the time, of which one that is too late could never be undone: all that follow are at least as late. The cast
-- refuses a time that the calendar does not have. A sequence that is there already is left to the primary key, which
-- waits for another transaction that is adding it.
CREATE OR REPLACE FUNCTION "${schema}".require_next() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  head record;
  ahead interval;
BEGIN
  IF NEW.recorded_at !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$' THEN
    RAISE EXCEPTION 'the time at which entry % was recorded is none', NEW.sequence USING ERRCODE = 'check_violation';
  END IF;
  ahead := NEW.recorded_at::timestamptz - clock_timestamp();
  IF ahead > interval '${MOST_AHEAD_SECONDS} seconds' THEN
    RAISE EXCEPTION 'the clock of this instance is % s ahead of the database''s', round(extract(epoch FROM ahead))
      USING ERRCODE = 'check_violation', CONSTRAINT = '${NOT_AHEAD}';
  END IF;
  SELECT coalesce(max(last.sequence), 0) AS sequence, coalesce(max(last.hash), '${NO_ENTRY}') AS hash INTO head
    FROM (SELECT sequence, hash FROM "${schema}".${JOURNAL_TABLE} ORDER BY sequence DESC LIMIT 1) last;
  IF NEW.sequence > head.sequence AND (NEW.sequence <> head.sequence + 1 OR NEW.previous_hash <> head.hash) THEN
    RAISE EXCEPTION 'entry % does not follow entry %', NEW.sequence, head.sequence
      USING ERRCODE = 'check_violation', CONSTRAINT = '${FOLLOWS}';
  END IF;
  RETURN NEW;
END $body$;

CREATE OR REPLACE TRIGGER ${FOLLOWS} BEFORE INSERT ON "${schema}".${JOURNAL_TABLE}
  FOR EACH ROW EXECUTE FUNCTION "${schema}".require_next();
CREATE OR REPLACE TRIGGER entry_keeps_rows BEFORE UPDATE OR DELETE ON "${schema}".${JOURNAL_TABLE}
  FOR EACH ROW EXECUTE FUNCTION "${schema}".refuse_change();
CREATE OR REPLACE TRIGGER entry_keeps_all BEFORE TRUNCATE ON "${schema}".${JOURNAL_TABLE}
  FOR EACH STATEMENT EXECUTE FUNCTION "${schema}".refuse_change();
${TRIGGERS.map(name => `ALTER TABLE "${schema}".${JOURNAL_TABLE} ENABLE ALWAYS TRIGGER ${name};`).join('\n')}

REVOKE ALL ON SCHEMA "${schema}" FROM PUBLIC, "${role}";
REVOKE ALL ON ALL TABLES IN SCHEMA "${schema}" FROM PUBLIC, "${role}";
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA "${schema}" FROM PUBLIC, "${role}";
GRANT USAGE ON SCHEMA "${schema}" TO "${role}";
GRANT SELECT, INSERT ON "${schema}".${JOURNAL_TABLE} TO "${role}";
`
}
