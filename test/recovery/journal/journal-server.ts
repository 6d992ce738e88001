import pg from 'pg'
import { JOURNAL_DDL } from '../../../src/recovery/journal/schema.ts'
import { startPostgres } from '../../support/postgres.ts'

/** A private PostgreSQL server with an empty journal, a superuser's connection to it and a login for the gateway. */
export interface JournalServer {
  /** Of a superuser. */
  readonly superuser: pg.Pool
  /** Logs in as the role of the journal. */
  readonly connectionString: string
  /** Logs in as the superuser. */
  readonly ownerConnectionString: string
  stop(): Promise<void>
}

export async function startJournalServer(binaries: string, schema: string, role: string): Promise<JournalServer> {
  const server = await startPostgres(binaries)
  const superuser = new pg.Pool({ connectionString: server.connectionString, max: 1 })
  // A pool has ended before its connections have: the server's shutdown may still reach one of them.
  superuser.on('error', () => {})
  await superuser.query(`CREATE ROLE "${role}" LOGIN`)
  await superuser.query(JOURNAL_DDL(schema, role))
  const login = new URL(server.connectionString)
  login.username = role
  return {
    superuser,
    connectionString: login.href,
    ownerConnectionString: server.connectionString,
    async stop() {
      await superuser.end()
      await server.stop()
    },
  }
}
