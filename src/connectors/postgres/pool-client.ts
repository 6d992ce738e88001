import pg from 'pg'
import { abortable } from '../abortable.ts'
import { SESSION_SQL, type SqlClient, TEXT_PARSERS, withoutValues } from './sql-client.ts'

/**
 * The driver for a PostgreSQL server: a pool of read-only sessions. Every wait has an end: for a connection, for a
 * statement on the server, for its answer here. A connection whose statement failed or was given up is destroyed.
 */
export interface PoolOptions {
  readonly connectionString: string
  /** Most connections. Default 10. */
  readonly max?: number
  /** Most that the server may spend on one statement, in milliseconds. Default 5,000. */
  readonly statementTimeoutMs?: number
  /** Most that a caller waits for a connection, in milliseconds. Default 500. */
  readonly connectionTimeoutMs?: number
  /** After how long an unused connection is closed, in milliseconds. Default 30,000. */
  readonly idleTimeoutMs?: number
}

/** How much longer than the server the client waits, so that the server's own answer, a timeout too, can arrive. */
const ANSWER_MARGIN_MS = 500

export function createPoolClient(options: PoolOptions): SqlClient {
  const { statementTimeoutMs = 5_000 } = options
  if (!Number.isSafeInteger(statementTimeoutMs) || statementTimeoutMs < 1)
    throw new TypeError('statementTimeoutMs is a positive integer')
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    application_name: 'recovery-gateway',
    max: options.max ?? 10,
    connectionTimeoutMillis: options.connectionTimeoutMs ?? 500,
    idleTimeoutMillis: options.idleTimeoutMs ?? 30_000,
    query_timeout: statementTimeoutMs + ANSWER_MARGIN_MS,
    types: { getTypeParser: (oid, format) => TEXT_PARSERS[oid] ?? pg.types.getTypeParser(oid, format) },
    // Said in SQL and not as start-up options, which a connection string overrides and some poolers drop.
    // With pg_catalog alone on the path, no function of anybody's schema can stand in for PostgreSQL's own.
    onConnect: client =>
      client.query(`${SESSION_SQL}; SET search_path = pg_catalog; SET statement_timeout = ${statementTimeoutMs}`),
  })
  // A lost connection is an event beside the rejected statement; unheard, it would end the process.
  pool.on('error', () => {})
  pool.on('connect', client => client.on('error', () => {}))
  let closing: Promise<void> | undefined

  async function connect(signal: AbortSignal): Promise<pg.PoolClient> {
    const connecting = pool.connect()
    try {
      return await abortable(connecting, signal)
    } catch (thrown) {
      connecting.then(
        late => late.release(),
        () => {},
      )
      throw thrown
    }
  }

  return {
    async query(text, params, signal) {
      signal.throwIfAborted()
      const client = await connect(signal)
      try {
        const result = await abortable(client.query(text, [...params]), signal)
        client.release()
        return result
      } catch (thrown) {
        client.release(true)
        throw withoutValues(thrown)
      }
    },
    close() {
      closing ??= pool.end()
      return closing
    },
  }
}
