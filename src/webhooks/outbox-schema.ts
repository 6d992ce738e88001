import { assertIdentifier } from '../recovery/journal/schema.ts'

/**
 * The tables of the webhooks' outbox in PostgreSQL, version 14 or later, beside the journal in its schema, and what the
 * gateway's role may do with them. Run as their owner after the SQL of the journal; running it again changes nothing.
 */

export const TOLD_TABLE = 'webhook_told'
export const DELIVERY_TABLE = 'webhook_delivery'
export const ENDPOINT_TABLE = 'webhook_endpoint'

/** Throws `TypeError` for a name that cannot be used in SQL as it is. */
export function OUTBOX_DDL(schema: string, role: string): string {
  assertIdentifier(schema, 'the schema of the journal')
  assertIdentifier(role, 'the role of the journal')
  const [told, delivery, endpoint] = [TOLD_TABLE, DELIVERY_TABLE, ENDPOINT_TABLE].map(name => `"${schema}".${name}`)
  return `
SELECT pg_advisory_xact_lock(hashtextextended('recovery-gateway journal ${schema}', 0));

-- What each endpoint was told last of each subject, by digest, and up to which entry of the journal.
CREATE TABLE IF NOT EXISTS ${told} (
  endpoint text NOT NULL,
  subject text NOT NULL,
  sequence bigint NOT NULL,
  changed_ms bigint NOT NULL,
  digest text NOT NULL,
  before text NOT NULL,
  CONSTRAINT webhook_told_pkey PRIMARY KEY (endpoint, subject)
);

-- What is still to be sent, or was given up: of each subject the last news alone.
CREATE TABLE IF NOT EXISTS ${delivery} (
  endpoint text NOT NULL,
  subject text NOT NULL,
  id text NOT NULL CONSTRAINT webhook_delivery_id_key UNIQUE,
  sequence bigint NOT NULL,
  body text NOT NULL,
  queued_ms bigint NOT NULL,
  due_ms bigint NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  failure text,
  dead_ms bigint,
  CONSTRAINT webhook_delivery_pkey PRIMARY KEY (endpoint, subject)
);

-- Who sends to an endpoint now, and how it went.
CREATE TABLE IF NOT EXISTS ${endpoint} (
  endpoint text NOT NULL CONSTRAINT webhook_endpoint_pkey PRIMARY KEY,
  lease text NOT NULL DEFAULT '',
  leased_until_ms bigint NOT NULL DEFAULT 0,
  disabled_ms bigint,
  delivered_ms bigint
);

-- Columns that came later: when it was last tried, and since when all that was published was looked at.
ALTER TABLE ${endpoint}
  ADD COLUMN IF NOT EXISTS tried_ms bigint NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS horizon_ms bigint NOT NULL DEFAULT 0;

REVOKE ALL ON ${told}, ${delivery}, ${endpoint} FROM PUBLIC, "${role}";
GRANT USAGE ON SCHEMA "${schema}" TO "${role}";
GRANT SELECT, INSERT, UPDATE, DELETE ON ${told}, ${delivery} TO "${role}";
GRANT SELECT, INSERT, UPDATE ON ${endpoint} TO "${role}";
`
}
