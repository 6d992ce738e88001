import type pg from 'pg'

/**
 * Keeps sessions what they were told to be. A SELECT may call a function that changes its session, such as `set_config`:
 * the statement itself stays in its read-only transaction, the next one would not. Called by `pool-client.ts`.
 */
export interface Sessions {
  /** Asks a new session, once it has been told what it is, whether its server reports changes. */
  begin(client: Queried): Promise<void>
  /** From here on, no change of what the server reports was asked for by this gateway: time zone and date style among it. */
  watch(client: Watched): void
  /** Before a statement: where a change would come unseen, the session is told again; null: there is nothing to wait for. */
  renew(client: Queried): Promise<unknown> | null
  /** After one: whether what it was told holds no more. Its connection must not be used again. */
  hasChanged(client: object): boolean
}

type Queried = Pick<pg.ClientBase, 'query'>

interface Watched {
  readonly connection: { on(event: 'parameterStatus', listener: () => void): unknown }
}

/**
 * From this version the server reports a change of `default_transaction_read_only` with the answer to the statement that
 * made it, before it is ready for the next (https://www.postgresql.org/docs/14/protocol-flow.html#PROTOCOL-ASYNC).
 */
const REPORTING_VERSION = 140_000

export function createSessions(sessionSql: string): Sessions {
  const silent = new WeakSet<object>()
  const changed = new WeakSet<object>()
  return {
    async begin(client) {
      const { rows } = await client.query("SELECT pg_catalog.current_setting('server_version_num')::integer AS version")
      if (!(rows[0]?.version >= REPORTING_VERSION)) silent.add(client)
    },
    watch(client) {
      client.connection.on('parameterStatus', () => changed.add(client))
    },
    renew: client => (silent.has(client) ? client.query(sessionSql) : null),
    hasChanged: client => changed.has(client),
  }
}
