import { createPoolClient, type PoolOptions } from '../../src/connectors/postgres/pool-client.ts'
import type { SqlClient } from '../../src/connectors/postgres/sql-client.ts'
import type { PostgresServer } from '../support/postgres.ts'

/** Runs with a client of a server that is closed afterwards, whatever happens. */
export type UseClient = <T>(
  options: Partial<PoolOptions>,
  use: (client: SqlClient) => Promise<T>,
  connectionString?: string,
) => Promise<T>

export function withClientOf(server: PostgresServer): UseClient {
  return async (options, use, connectionString = server.connectionString) => {
    const client = createPoolClient({ connectionString, connectionTimeoutMs: 5_000, ...options })
    try {
      return await use(client)
    } finally {
      await client.close()
    }
  }
}
