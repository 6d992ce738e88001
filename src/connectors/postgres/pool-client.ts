import { Socket } from 'node:net'
import pg from 'pg'
import type { ClientTls } from '../../model/client-tls.ts'
import { databaseTls } from '../../model/database-tls.ts'
import { abortable } from '../abortable.ts'
import { connectionFailure } from './connection-failure.ts'
import { createPrepared } from './prepared.ts'
import { createSessions } from './sessions.ts'
import { SESSION_SQL, type SqlClient, SqlError, type SqlRows, TEXT_PARSERS, withoutValues } from './sql-client.ts'

/**
 * The driver for a PostgreSQL server: a pool of read-only sessions. Every wait has an end: for a connection, for a
 * statement on the server, for its answer here. A connection whose statement failed, was given up or changed its session
 * is destroyed, and the server then ends the statement.
 */
export interface PoolOptions {
  readonly connectionString: string
  /** TLS, the server's certificate always verified; without it there is none. */
  readonly tls?: ClientTls
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
/** How often a server that is at work on a statement looks whether anybody still waits for it. */
const CLIENT_CHECK_MS = 250

/** What a server says of a prepared statement whose result would have other types than it had. */
const FEATURE_NOT_SUPPORTED = '0A000'

/** Opens no connection yet. Throws `ConfigError` where the connection string contradicts `tls`. */
export function createPoolClient(options: PoolOptions): SqlClient {
  const { connectionString, statementTimeoutMs = 5_000 } = options
  if (!Number.isSafeInteger(statementTimeoutMs) || statementTimeoutMs < 1)
    throw new TypeError('statementTimeoutMs is a positive integer')
  const sockets = new Set<Socket>()
  const sessionSql = `${SESSION_SQL}; SET search_path = pg_catalog; SET statement_timeout = ${statementTimeoutMs}`
  const sessions = createSessions(sessionSql)
  const pool = new pg.Pool({
    connectionString,
    ssl: databaseTls(connectionString, options.tls),
    application_name: 'recovery-gateway',
    max: options.max ?? 10,
    connectionTimeoutMillis: options.connectionTimeoutMs ?? 500,
    idleTimeoutMillis: options.idleTimeoutMs ?? 30_000,
    query_timeout: statementTimeoutMs + ANSWER_MARGIN_MS,
    keepAlive: true,
    types: { getTypeParser: (oid, format) => TEXT_PARSERS[oid] ?? pg.types.getTypeParser(oid, format) },
    stream() {
      const socket = new Socket()
      sockets.add(socket)
      return socket.once('close', () => sockets.delete(socket))
    },
    // Said in SQL and not as start-up options, which a connection string overrides and some poolers drop.
    // With pg_catalog alone on the path, no function of anybody's schema can stand in for PostgreSQL's own.
    async onConnect(client) {
      await client.query(sessionSql)
      await client.query(`SET client_connection_check_interval = ${CLIENT_CHECK_MS}`).catch(ignoreRefusal)
      await sessions.begin(client)
    },
  })
  // A lost connection is an event beside the rejected statement; unheard, it would end the process.
  pool.on('error', () => {})
  pool.on('connect', client => client.on('error', () => {}))
  pool.on('connect', sessions.watch)
  const { host, port } = new pg.Client({ connectionString })
  const prepared = createPrepared()
  let closing: Promise<void> | undefined

  async function connect(signal: AbortSignal): Promise<pg.PoolClient> {
    signal.throwIfAborted()
    const connecting = pool.connect()
    try {
      return await abortable(connecting, signal)
    } catch (thrown) {
      connecting.then(
        late => late.release(),
        () => {},
      )
      throw signal.aborted ? thrown : connectionFailure(thrown, `${host}:${port}`)
    }
  }

  async function close(): Promise<void> {
    await pool.end()
    // A server that hangs never closes its side, and the process would wait for it.
    for (const socket of sockets) socket.destroySoon()
  }

  async function run(statement: pg.QueryConfig, signal: AbortSignal): Promise<SqlRows> {
    const client = await connect(signal)
    try {
      const renewed = sessions.renew(client)
      if (renewed !== null) await abortable(renewed, signal)
      // The extended protocol, also without parameters: it takes one statement and no second one behind a semicolon.
      const extended = { ...statement, queryMode: 'extended' }
      const { rows, fields } = await abortable(client.query(extended), signal)
      client.release(sessions.hasChanged(client))
      const columns = fields.map(({ name, dataTypeID, dataTypeModifier }) => ({
        name,
        typeId: dataTypeID,
        typeModifier: dataTypeModifier,
      }))
      return { rows, columns }
    } catch (thrown) {
      client.release(true)
      throw withoutValues(thrown)
    }
  }

  return {
    isEmbedded: false,
    async query(text, params, signal, isRecurring = false) {
      const values = [...params]
      const name = isRecurring ? prepared.nameOf(text) : undefined
      if (name === undefined) return run({ text, values }, signal)
      try {
        return await run({ name, text, values }, signal)
      } catch (thrown) {
        // Its table has other columns than when it was prepared; said anew, the statement may still be right.
        if (thrown instanceof SqlError && thrown.sqlState === FEATURE_NOT_SUPPORTED)
          return run({ text, values }, signal)
        throw thrown
      }
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** A server older than version 14, or on a system that cannot tell, ends such a statement when its time is up. */
function ignoreRefusal(thrown: unknown): void {
  if (!(withoutValues(thrown) instanceof SqlError)) throw thrown
}
