import type { Config, SystemConfig } from '../config/load-config.ts'
import type { Clock } from '../model/clock.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Counters } from '../observe/counters.ts'
import type { Log } from '../observe/log.ts'
import type { Connector } from '../systems/connector.ts'
import { RELATIONS } from '../systems/relations/all.ts'
import { createExtractsConnector } from './extracts/connector.ts'
import { createPostgresConnector } from './postgres/connector.ts'
import type { EmbeddedPostgres } from './postgres/embedded.ts'
import { createPoolClient } from './postgres/pool-client.ts'

/** Opens the connector of each restored system as the configuration says. Called by the composition root, once. */
export interface OpenOptions {
  readonly log: Log
  readonly clock: Clock
  readonly counters: Counters
  /** Null where the configuration has no section `embedded`. */
  readonly embedded: EmbeddedPostgres | null
}

export type Connectors = Readonly<Record<SystemKey, Connector>>

export async function openConnectors({ systems }: Pick<Config, 'systems'>, options: OpenOptions): Promise<Connectors> {
  const connectors: [SystemKey, Connector][] = []
  for (const key of SYSTEM_KEYS) connectors.push([key, await open(key, systems[key], options)])
  return Object.fromEntries(connectors) as Record<SystemKey, Connector>
}

async function open(key: SystemKey, { connector, deadlineMs }: SystemConfig, options: OpenOptions): Promise<Connector> {
  const { log, clock, counters, embedded } = options
  switch (connector.kind) {
    case 'embedded-postgres':
      if (!embedded) throw new TypeError('the configuration has no embedded database and passed its checks')
      return createPostgresConnector({ client: await embedded.client(), schema: connector.schema, clock })
    case 'postgres': {
      const { connectionString, schema, poolSize, connectTimeoutMs } = connector
      const client = createPoolClient({
        connectionString,
        max: poolSize,
        connectionTimeoutMs: connectTimeoutMs,
        // What nobody waits for any more the server need not finish.
        statementTimeoutMs: deadlineMs,
      })
      return createPostgresConnector({ client, schema, clock })
    }
    case 'extracts':
      return createExtractsConnector({
        system: key,
        directory: connector.directory,
        relations: RELATIONS[key],
        refreshMs: connector.refreshSeconds * 1_000,
        log: log.child({ system: key }),
        counters,
        clock,
      })
    default:
      return connector satisfies never
  }
}
