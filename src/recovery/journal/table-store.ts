import { ClockProblem } from './clock-problem.ts'
import { type Database, type Query, RefusedSql } from './database.ts'
import { proveAppendOnly } from './proof.ts'
import { assertIdentifier, FOLLOWS, JOURNAL_TABLE, NOT_AHEAD, SEQUENCE_KEY, STATEMENT_KEY } from './schema.ts'
import type { JournalRow, JournalStore } from './store.ts'

/**
 * The journal's store in PostgreSQL: one table, made by `JOURNAL_DDL`, that is read and inserted into. The SQL is
 * the same for a server and for the embedded one, which bring their drivers.
 */
export function createTableStore(database: Database, schema: string): JournalStore {
  assertIdentifier(schema, 'the schema of the journal')
  const table = `"${schema}".${JOURNAL_TABLE}`
  const channel = `${schema}_${JOURNAL_TABLE}`
  const columns = 'sequence, recorded_at, statement_id, statement, acceptance, previous_hash, hash, seal'
  // One statement, so one transaction: who is notified finds the row.
  const insert = `
    WITH added AS (INSERT INTO ${table} (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING sequence)
    SELECT pg_catalog.pg_notify('${channel}', sequence::text) FROM added`
  const select = `SELECT ${columns} FROM ${table} WHERE sequence > $1 ORDER BY sequence LIMIT $2`
  const reader = (query: Query) => async (after: number, limit: number) =>
    (await query(select, [after, limit])).map(rowOf)
  return {
    read: reader(database.query),
    browse: reader(database.browse),
    async append(row) {
      const { sequence, recordedAt, statementId, statement, acceptance, previousHash, hash, seal } = row
      try {
        await database.query(insert, [
          sequence,
          recordedAt,
          statementId,
          statement,
          acceptance,
          previousHash,
          hash,
          seal,
        ])
        return 'appended'
      } catch (thrown) {
        if (!(thrown instanceof RefusedSql)) throw thrown
        const { constraint, reason } = thrown
        if (constraint === STATEMENT_KEY) return 'replayed'
        // The head is another than the row follows, whether longer or not the same: reading on shows which.
        if (constraint === SEQUENCE_KEY || constraint === FOLLOWS) return 'taken'
        if (constraint === NOT_AHEAD) throw new ClockProblem(`${reason}; correct it`, { cause: thrown })
        throw thrown
      }
    },
    async clockOffsetMs(clock) {
      const askedMs = clock.now()
      const [row] = await database.query('SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now')
      return Number(row?.now) - (askedMs + clock.now()) / 2
    },
    subscribe: onAppend => database.listen(channel, onAppend),
    prove: () => proveAppendOnly(database, table),
    close: () => database.close(),
  }
}

/** As text whatever became of the columns: what a row says is judged by whoever follows the chain, not here. */
function rowOf(row: Readonly<Record<string, unknown>>): JournalRow {
  const text = (column: string) => String(row[column] ?? '')
  return {
    sequence: Number(row.sequence),
    recordedAt: text('recorded_at'),
    statementId: text('statement_id'),
    statement: text('statement'),
    acceptance: text('acceptance'),
    previousHash: text('previous_hash'),
    hash: text('hash'),
    seal: text('seal'),
  }
}
