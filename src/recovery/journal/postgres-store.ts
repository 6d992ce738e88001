import pg from 'pg'
import type { ClientTls } from '../../model/client-tls.ts'
import { databaseTls } from '../../model/database-tls.ts'
import type { Log } from '../../observe/log.ts'
import { type Database, type Query, refusalOf } from './database.ts'
import { createListener } from './listener.ts'
import type { JournalStore } from './store.ts'
import { createTableStore } from './table-store.ts'

/**
 * The journal on a PostgreSQL server: a pool for following and appending, one for lists and exports, and one connection
 * to be notified. Every wait has an end, and a connection that fails is destroyed, never the process.
 */
export interface PostgresJournalOptions {
  /** Schema of the journal, which `JOURNAL_DDL` has made. */
  readonly schema: string
  /** Logs in as the role that `JOURNAL_DDL` was given. */
  readonly connectionString: string
  /** TLS, the server's certificate always verified; without it there is none. */
  readonly tls?: ClientTls | undefined
  /** Most that a caller waits for a connection, in milliseconds. Default 500. */
  readonly connectTimeoutMs?: number
  /** Most that the server may spend on one statement, in milliseconds. Default 2,000. */
  readonly statementTimeoutMs?: number
  readonly log: Pick<Log, 'info' | 'warn'>
}

/** How much longer than the server the client waits, so that the server's own answer, a timeout too, can arrive. */
const ANSWER_MARGIN_MS = 500
/** Connections of each pool: what follows the journal reads and appends one after the other. */
const CONNECTIONS = 2

/** Needs no server that can be reached: its calls do. */
export function createPostgresJournalStore(options: PostgresJournalOptions): JournalStore {
  return createTableStore(createServerDatabase(options), options.schema)
}

/** The connections alone, for whatever else stands beside the journal. */
export function createServerDatabase(options: Omit<PostgresJournalOptions, 'schema'>): Database {
  const { connectionString, connectTimeoutMs = 500, statementTimeoutMs = 2_000, log } = options
  if (!Number.isSafeInteger(statementTimeoutMs) || statementTimeoutMs < 1)
    throw new TypeError('statementTimeoutMs is a positive integer')
  const connection = {
    connectionString,
    ssl: databaseTls(connectionString, options.tls),
    application_name: 'recovery-gateway journal',
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs + ANSWER_MARGIN_MS,
  }
  const createPool = () => {
    const pool = new pg.Pool({
      ...connection,
      max: CONNECTIONS,
      // Said in SQL and not as start-up options, which a connection string overrides and some poolers drop.
      onConnect: client =>
        client.query(`SET search_path = pg_catalog; SET statement_timeout = ${statementTimeoutMs};
          SET default_transaction_isolation = 'read committed'; SET default_transaction_read_only = off`),
    })
    // A lost connection is an event beside the rejected statement; unheard, it would end the process.
    pool.on('error', () => {})
    pool.on('connect', client => client.on('error', () => {}))
    return pool
  }
  const pool = createPool()
  const browsers = createPool()
  const endings = new Set<() => Promise<void>>()
  let closing: Promise<void> | undefined

  async function withClient<T>(from: pg.Pool, work: (query: Query) => Promise<T>): Promise<T> {
    const client = await from.connect()
    const query: Query = async (text, params = []) => {
      try {
        return (await client.query<Record<string, unknown>>(text, [...params])).rows
      } catch (thrown) {
        throw refusalOf(thrown)
      }
    }
    try {
      const result = await work(query)
      client.release()
      return result
    } catch (thrown) {
      client.release(true)
      throw thrown
    }
  }

  return {
    query: (text, params) => withClient(pool, query => query(text, params)),
    browse: (text, params) => withClient(browsers, query => query(text, params)),
    rehearse: work =>
      withClient(pool, async query => {
        await query('BEGIN')
        await work(query)
        await query('ROLLBACK')
      }),
    async listen(channel, onNotification) {
      const stop = await createListener({ connect: () => new pg.Client(connection), channel, onNotification, log })
      endings.add(stop)
      return async () => {
        endings.delete(stop)
        await stop()
      }
    },
    close() {
      closing ??= Promise.all([pool.end(), browsers.end(), ...[...endings].map(end => end())]).then(() => {})
      return closing
    },
  }
}
