import { PGlite } from '@electric-sql/pglite'
import { createPgliteClient } from './pglite-client.ts'
import type { SqlClient } from './sql-client.ts'

/**
 * The one embedded PostgreSQL of a process, shared by the systems that stand in it: opened with the first client and
 * closed with the last, because two of them over one directory would destroy it.
 */
export interface EmbeddedPostgres {
  client(): Promise<SqlClient>
}

export function createEmbeddedPostgres(directory: string): EmbeddedPostgres {
  let opened: Promise<PGlite> | null = null
  const users = new Set<SqlClient>()
  return {
    async client() {
      opened ??= PGlite.create(directory)
      const database = await opened
      const client = await createPgliteClient(database)
      users.add(client)
      return {
        query: client.query,
        async close() {
          await client.close()
          if (users.delete(client) && users.size === 0) await database.close()
        },
      }
    },
  }
}
