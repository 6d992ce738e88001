import { randomUUID } from 'node:crypto'
import type { Database } from '../recovery/journal/database.ts'
import { assertIdentifier } from '../recovery/journal/schema.ts'
import type { Claim, DeadDelivery, EndpointStanding, News, Outbox, Outcome } from './outbox.ts'
import { DELIVERY_TABLE, ENDPOINT_TABLE, TOLD_TABLE } from './outbox-schema.ts'

/**
 * The outbox in PostgreSQL, in the tables of `OUTBOX_DDL`. Each call is one statement and so one transaction: an instance
 * that dies leaves nothing half done, and its lease ends by itself.
 */
export function createTableOutbox(database: Database, schema: string): Outbox {
  assertIdentifier(schema, 'the schema of the journal')
  const sql = statementsFor(schema)
  const { query } = database

  function statementOf({ endpoint, lease, id }: Claim, outcome: Outcome, nowMs: number): readonly [string, unknown[]] {
    const own = [endpoint, lease, id]
    switch (outcome.kind) {
      case 'delivered':
        return [sql.delivered, [...own, nowMs]]
      case 'failed': {
        const { failure, retryMs } = outcome
        return [sql.failed, [...own, failure, nowMs + (retryMs ?? 0), retryMs === null ? nowMs : null]]
      }
      case 'gone':
        return [sql.gone, [...own, outcome.failure, nowMs]]
      case 'withdrawn':
        return [sql.withdrawn, own]
      case 'put back':
        return [sql.release, [endpoint, lease]]
      default:
        throw new TypeError(`no outcome: ${JSON.stringify(outcome satisfies never)}`)
    }
  }

  return {
    async prepare(endpoints) {
      await query(sql.prepare, [endpoints])
    },
    async tell(endpoint, sequence, news, nowMs) {
      const [row] = await query(sql.tell, [endpoint, sequence, rowsOf(news), nowMs])
      return Number(row?.count ?? 0)
    },
    async put(endpoint, news, nowMs) {
      await query(sql.put, [endpoint, rowsOf([news]), nowMs])
    },
    async claim(endpoints, sequence, nowMs, leaseMs) {
      const lease = randomUUID()
      for (;;) {
        const [taken] = await query(sql.lease, [endpoints, sequence, nowMs, nowMs + leaseMs, lease])
        if (taken === undefined) return null
        const endpoint = String(taken.endpoint)
        // By a statement of its own: what another instance had sent before it let the endpoint go is seen to be gone.
        const [due] = await query(sql.due, [endpoint, sequence, nowMs])
        if (due === undefined) await query(sql.release, [endpoint, lease])
        else return claimOf(endpoint, lease, due)
      }
    },
    async settle(claim, outcome, nowMs) {
      await query(...statementOf(claim, outcome, nowMs))
    },
    async retry(endpoint, id, nowMs) {
      const [row] = await query(sql.retry, [endpoint, id, nowMs])
      return Number(row?.count ?? 0)
    },
    standing: async endpoints => (await query(sql.standing, [endpoints])).map(standingOf),
    dead: async endpoints => (await query(sql.dead, [endpoints])).map(deadOf),
    close: () => database.close(),
  }
}

type Row = Readonly<Record<string, unknown>>

/** As JSON, which all drivers take alike. */
function rowsOf(news: readonly News[]): string {
  return JSON.stringify(
    news.map(({ subject, id, digest, changedMs, body }) => ({ subject, id, digest, changed_ms: changedMs, body })),
  )
}

const timeOf = (value: unknown): number | null => (value === null ? null : Number(value))
const textOf = (value: unknown): string | null => (value === null ? null : String(value))

function claimOf(endpoint: string, lease: string, { subject, id, body, attempts }: Row): Claim {
  return {
    endpoint,
    lease,
    subject: String(subject),
    id: String(id),
    body: String(body),
    attempts: Number(attempts),
  }
}

function standingOf(row: Row): EndpointStanding {
  return {
    endpoint: String(row.endpoint),
    disabledMs: timeOf(row.disabled_ms),
    deliveredMs: timeOf(row.delivered_ms),
    waiting: Number(row.waiting),
    oldestMs: timeOf(row.oldest_ms),
    dead: Number(row.dead),
    failure: textOf(row.failure),
  }
}

function deadOf(row: Row): DeadDelivery {
  return {
    endpoint: String(row.endpoint),
    id: String(row.id),
    subject: String(row.subject),
    queuedMs: Number(row.queued_ms),
    deadMs: Number(row.dead_ms),
    attempts: Number(row.attempts),
    failure: textOf(row.failure) ?? '',
  }
}

/** Of whatever settles `$1` is the endpoint, `$2` the lease and `$3` the message. */
function statementsFor(schema: string) {
  const [told, delivery, endpoint] = [TOLD_TABLE, DELIVERY_TABLE, ENDPOINT_TABLE].map(name => `"${schema}".${name}`)
  const news =
    'jsonb_to_recordset($JSON::jsonb) AS news (subject text, id text, digest text, changed_ms bigint, body text)'
  const overtake = `ON CONFLICT (endpoint, subject) DO UPDATE
    SET id = EXCLUDED.id, sequence = EXCLUDED.sequence, body = EXCLUDED.body, queued_ms = EXCLUDED.queued_ms,
      due_ms = EXCLUDED.due_ms, attempts = 0, failure = NULL, dead_ms = NULL`
  const release = `UPDATE ${endpoint} SET lease = '', leased_until_ms = 0`
  const mine = 'WHERE endpoint = $1 AND lease = $2'
  const isDue = 'due.dead_ms IS NULL AND due.due_ms <= $3 AND due.sequence <= $2'
  return {
    prepare: `INSERT INTO ${endpoint} (endpoint) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`,
    // Before: what was told before this statement, so that it shows which news are new. Of two instances the second waits
    // for the first, and finds what that has told.
    tell: `
      WITH standing AS (
        SELECT disabled_ms IS NOT NULL AS is_disabled,
          EXISTS (SELECT FROM ${told} known WHERE known.endpoint = $1) AS is_known
        FROM ${endpoint} WHERE endpoint = $1
      ), kept AS (
        INSERT INTO ${told} AS last (endpoint, subject, sequence, changed_ms, digest, before)
        SELECT $1, news.subject, $2, news.changed_ms, news.digest, CASE WHEN is_known THEN '' ELSE news.digest END
        FROM standing, ${news.replace('$JSON', '$3')} WHERE NOT is_disabled ORDER BY news.subject
        ON CONFLICT (endpoint, subject) DO UPDATE
          SET sequence = EXCLUDED.sequence, changed_ms = EXCLUDED.changed_ms, before = last.digest, digest = EXCLUDED.digest
          WHERE (last.sequence, last.changed_ms) <= (EXCLUDED.sequence, EXCLUDED.changed_ms)
        RETURNING subject, before <> digest AS is_new
      ), queued AS (
        INSERT INTO ${delivery} (endpoint, subject, id, sequence, body, queued_ms, due_ms)
        SELECT $1, subject, news.id, $2, news.body, $4, $4
        FROM ${news.replace('$JSON', '$3')} JOIN kept USING (subject) WHERE kept.is_new ORDER BY subject
        ${overtake} RETURNING 1
      ) SELECT count(*) FROM queued`,
    put: `
      INSERT INTO ${delivery} (endpoint, subject, id, sequence, body, queued_ms, due_ms)
      SELECT $1, news.subject, news.id, 0, news.body, $3, $3 FROM ${news.replace('$JSON', '$2')} ${overtake}`,
    // Whoever was served longest ago comes first; an endpoint that another instance is just taking is passed over.
    lease: `
      UPDATE ${endpoint} SET lease = $5, leased_until_ms = $4 WHERE endpoint = (
        SELECT endpoint FROM ${endpoint} free
        WHERE endpoint = ANY ($1::text[]) AND disabled_ms IS NULL AND leased_until_ms <= $3
          AND EXISTS (SELECT FROM ${delivery} due WHERE due.endpoint = free.endpoint AND ${isDue})
        ORDER BY delivered_ms NULLS FIRST, endpoint LIMIT 1 FOR UPDATE SKIP LOCKED
      ) RETURNING endpoint`,
    due: `
      SELECT subject, id, body, attempts FROM ${delivery} due
      WHERE endpoint = $1 AND ${isDue} ORDER BY queued_ms, subject LIMIT 1`,
    delivered: `
      WITH done AS (DELETE FROM ${delivery} WHERE endpoint = $1 AND id = $3)
      ${release}, delivered_ms = $4 ${mine}`,
    failed: `
      WITH done AS (
        UPDATE ${delivery} SET attempts = attempts + 1, failure = $4, due_ms = $5, dead_ms = $6
        WHERE endpoint = $1 AND id = $3
      ) ${release} ${mine}`,
    gone: `
      WITH done AS (
        UPDATE ${delivery} SET attempts = attempts + CASE WHEN id = $3 THEN 1 ELSE 0 END, failure = $4, dead_ms = $5
        WHERE endpoint = $1 AND dead_ms IS NULL
      ) ${release}, disabled_ms = $5 ${mine}`,
    withdrawn: `
      WITH done AS (DELETE FROM ${delivery} WHERE endpoint = $1 AND id = $3 RETURNING subject),
      untold AS (DELETE FROM ${told} WHERE endpoint = $1 AND subject IN (SELECT subject FROM done))
      ${release} ${mine}`,
    release: `${release} ${mine}`,
    retry: `
      WITH freed AS (UPDATE ${endpoint} SET disabled_ms = NULL WHERE endpoint = $1),
      again AS (
        UPDATE ${delivery} SET due_ms = $3, attempts = 0, dead_ms = NULL
        WHERE endpoint = $1 AND dead_ms IS NOT NULL AND ($2::text IS NULL OR id = $2) RETURNING 1
      ) SELECT count(*) FROM again`,
    standing: `
      SELECT endpoint, disabled_ms, delivered_ms,
        count(id) FILTER (WHERE dead_ms IS NULL) AS waiting, min(queued_ms) FILTER (WHERE dead_ms IS NULL) AS oldest_ms,
        count(id) FILTER (WHERE dead_ms IS NOT NULL) AS dead,
        (array_agg(failure ORDER BY due_ms DESC) FILTER (WHERE failure IS NOT NULL))[1] AS failure
      FROM ${endpoint} LEFT JOIN ${delivery} USING (endpoint) WHERE endpoint = ANY ($1::text[])
      GROUP BY endpoint, disabled_ms, delivered_ms ORDER BY endpoint`,
    dead: `
      SELECT endpoint, id, subject, queued_ms, dead_ms, attempts, failure FROM ${delivery}
      WHERE endpoint = ANY ($1::text[]) AND dead_ms IS NOT NULL ORDER BY dead_ms DESC, endpoint, subject LIMIT 1000`,
  } as const
}
