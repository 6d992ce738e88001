import { randomUUID } from 'node:crypto'
import type { Database } from '../recovery/journal/database.ts'
import { assertIdentifier } from '../recovery/journal/schema.ts'
import type { Claim, DeadDelivery, EndpointStanding, News, Outbox, Outcome } from './outbox.ts'
import { statementsFor } from './outbox-statements.ts'

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
      case 'overtaken':
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
    async prove() {
      // To be explained, a statement is looked up and its rights are tried as if it were run.
      for (const statement of Object.values(sql)) await query(`EXPLAIN ${statement}`, parametersOf(statement))
    },
    async tell(endpoint, { sequence, news, horizonMs }, nowMs) {
      if (horizonMs !== null) await query(sql.pass, [endpoint, horizonMs])
      const [row] = await query(sql.tell, [endpoint, sequence, rowsOf(news), nowMs])
      return Number(row?.count ?? 0)
    },
    async put(endpoint, news, nowMs) {
      const [row] = await query(sql.put, [endpoint, rowsOf([news]), nowMs])
      return timeOf(row?.disabled_ms ?? null)
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

/** As many as it names, each null. */
function parametersOf(statement: string): readonly null[] {
  const numbers = [...statement.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number))
  return Array(Math.max(0, ...numbers)).fill(null)
}

/** As JSON, which all drivers take alike. */
function rowsOf(news: readonly News[]): string {
  return JSON.stringify(
    news.map(({ subject, id, digest, changedMs, body }) => ({ subject, id, digest, changed_ms: changedMs, body })),
  )
}

const timeOf = (value: unknown): number | null => (value === null ? null : Number(value))
const textOf = (value: unknown): string | null => (value === null ? null : String(value))

function claimOf(endpoint: string, lease: string, row: Row): Claim {
  const { subject, id, body, attempts, sequence, changed_ms: changedMs, digest } = row
  return {
    endpoint,
    lease,
    subject: String(subject),
    id: String(id),
    body: String(body),
    attempts: Number(attempts),
    told: digest === null ? null : { sequence: Number(sequence), changedMs: Number(changedMs), digest: String(digest) },
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
