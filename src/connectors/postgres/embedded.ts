import { PGlite } from '@electric-sql/pglite'
import { createPgliteClient } from './pglite-client.ts'
import type { SqlClient } from './sql-client.ts'

/**
 * The one embedded PostgreSQL of a process, shared by all that stand in it, because two of them over one directory would
 * destroy it. Opened when it is first needed; closed by its owner, after everything that uses it.
 */
export interface EmbeddedPostgres {
  /** A read-only session for a restored system. */
  client(): Promise<SqlClient>
  /** The database itself, for the journal. */
  database(): Promise<PGlite>
  close(): Promise<void>
}

export function createEmbeddedPostgres(directory: string): EmbeddedPostgres {
  let opened: Promise<PGlite> | null = null
  const database = () => {
    opened ??= PGlite.create(directory)
    return opened
  }
  return {
    client: async () => createPgliteClient(await database()),
    database,
    close: async () => (await opened)?.close(),
  }
}
