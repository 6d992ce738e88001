import { DELIVERY_TABLE, ENDPOINT_TABLE, TOLD_TABLE } from './outbox-schema.ts'

/**
 * What the outbox in tables says to PostgreSQL; runs nothing itself. Of whatever settles `$1` is the endpoint, `$2` the lease and
 * `$3` the message.
 */
export function statementsFor(schema: string) {
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
    // Names the columns that came later: where the tables are older than they are, this says so.
    prepare: `
      INSERT INTO ${endpoint} (endpoint, tried_ms, horizon_ms) SELECT unnest($1::text[]), 0, 0 ON CONFLICT DO NOTHING`,
    // By a statement of its own, because within the telling it would lock the tables in another order than whoever settles. Run
    // before it: what is told lies on this side of the horizon, so that nothing is lost should the telling fail.
    pass: `UPDATE ${endpoint} SET horizon_ms = $2 WHERE endpoint = $1 AND horizon_ms < $2`,
    // Before: what was told before this statement, so that it shows which news are new. Of two instances the second waits
    // for the first, and finds what that has told.
    tell: `
      WITH standing AS (
        SELECT disabled_ms IS NOT NULL AS is_disabled, horizon_ms,
          EXISTS (SELECT FROM ${told} known WHERE known.endpoint = $1) AS is_known
        FROM ${endpoint} WHERE endpoint = $1
      ), kept AS (
        INSERT INTO ${told} AS last (endpoint, subject, sequence, changed_ms, digest, before)
        SELECT $1, news.subject, $2, news.changed_ms, news.digest,
          CASE WHEN is_known AND news.changed_ms >= horizon_ms THEN '' ELSE news.digest END
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
      WITH standing AS (SELECT disabled_ms FROM ${endpoint} WHERE endpoint = $1), queued AS (
        INSERT INTO ${delivery} (endpoint, subject, id, sequence, body, queued_ms, due_ms)
        SELECT $1, news.subject, news.id, 0, news.body, $3, $3
        FROM standing, ${news.replace('$JSON', '$2')} WHERE disabled_ms IS NULL ${overtake}
      ) SELECT disabled_ms FROM standing`,
    // Whoever was tried longest ago comes first, whatever became of it: one that never answers keeps no other waiting. An
    // endpoint that another instance is just taking is passed over.
    lease: `
      UPDATE ${endpoint} SET lease = $5, leased_until_ms = $4, tried_ms = $3 WHERE endpoint = (
        SELECT endpoint FROM ${endpoint} free
        WHERE endpoint = ANY ($1::text[]) AND disabled_ms IS NULL AND leased_until_ms <= $3
          AND EXISTS (SELECT FROM ${delivery} due WHERE due.endpoint = free.endpoint AND ${isDue})
        ORDER BY tried_ms, endpoint LIMIT 1 FOR UPDATE SKIP LOCKED
      ) RETURNING endpoint`,
    due: `
      SELECT due.subject, due.id, due.body, due.attempts, told.sequence, told.changed_ms, told.digest
      FROM ${delivery} due LEFT JOIN ${told} told USING (endpoint, subject)
      WHERE due.endpoint = $1 AND ${isDue} ORDER BY due.queued_ms, due.subject LIMIT 1`,
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
      WITH again AS (
        UPDATE ${delivery} SET due_ms = $3, attempts = 0, dead_ms = NULL
        WHERE endpoint = $1 AND dead_ms IS NOT NULL AND ($2::text IS NULL OR id = $2) RETURNING 1
      ), freed AS (
        UPDATE ${endpoint} SET disabled_ms = NULL
        WHERE endpoint = $1 AND ($2::text IS NULL OR EXISTS (SELECT FROM again))
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
