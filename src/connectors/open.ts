import { withTls } from '../config/client-tls.ts'
import type { Config, SystemConfig } from '../config/load-config.ts'
import type { Clock } from '../model/clock.ts'
import { ConfigError, formatPath } from '../model/operator-file.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Counters } from '../observe/counters.ts'
import type { Log } from '../observe/log.ts'
import type { Tracing } from '../observe/tracing.ts'
import type { AnyRelation } from '../systems/connector.ts'
import { RELATIONS } from '../systems/relations/all.ts'
import { type Assignment, assignRelations, type ConnectorConfig } from './assignment.ts'
import type { MappedConnector } from './mapped-connector.ts'
import type { EmbeddedPostgres } from './postgres/embedded.ts'
import type { SqlClient } from './postgres/sql-client.ts'
import { traceStatements } from './postgres/traced-client.ts'
import { createRoutedConnector, type Route } from './routed.ts'

/**
 * Opens the connectors of each restored system as the configuration says. Called by the composition root, once, and by
 * whoever checks a configuration. A source that is away keeps nothing from being opened.
 */
export interface OpenOptions {
  readonly log: Log
  readonly clock: Clock
  readonly counters: Counters
  /** Null where the configuration has no section `embedded`. */
  readonly embedded: EmbeddedPostgres | null
  /** Null, or left out: no traces are made. */
  readonly tracing?: Tracing | null
  /** Longest that an opening waits for a first drop of extracts, in milliseconds. Default 10,000. */
  readonly startWaitMs?: number
}

export type MappedConnectors = Readonly<Record<SystemKey, MappedConnector>>

/** Throws `ConfigError` where relations are mapped twice, not at all, or by something that cannot be read. */
export async function openConnectors(
  { systems }: Pick<Config, 'systems'>,
  options: OpenOptions,
): Promise<MappedConnectors> {
  refuseProblems(SYSTEM_KEYS.flatMap(system => assigned(system, systems[system]).problems))
  const openings = await Promise.allSettled(
    SYSTEM_KEYS.map(async system => [system, await openSystem(system, systems[system], options)] as const),
  )
  const opened = openings.flatMap(opening => (opening.status === 'fulfilled' ? [opening.value] : []))
  const failed = openings.find(opening => opening.status === 'rejected')
  if (failed !== undefined) {
    await Promise.all(opened.map(([, connector]) => connector.close()))
    throw failed.reason
  }
  return Object.fromEntries(opened) as Record<SystemKey, MappedConnector>
}

/** The connectors of one system, as one. Throws `ConfigError` as `openConnectors` does. */
export async function openSystem(
  system: SystemKey,
  settings: SystemConfig,
  options: OpenOptions,
): Promise<MappedConnector> {
  const { relations, problems } = assigned(system, settings)
  refuseProblems(problems)
  const routes: Route[] = []
  try {
    for (const [place, connector] of settings.connectors.entries()) {
      const own = relations[place] ?? []
      const opening = { system, settings: connector, relations: own, deadlineMs: settings.deadlineMs }
      routes.push({ connector: await open(opening, options), relations: own })
    }
  } catch (thrown) {
    await Promise.all(routes.map(({ connector }) => connector.close()))
    throw thrown
  }
  const [only] = routes
  return only && routes.length === 1 ? only.connector : createRoutedConnector(routes)
}

function assigned(system: SystemKey, { connectors }: SystemConfig): Assignment {
  return assignRelations(system, connectors, RELATIONS[system])
}

function refuseProblems(problems: Assignment['problems']): void {
  if (problems.length > 0) throw new ConfigError(problems.map(({ path, text }) => `${formatPath(path)}: ${text}`))
}

interface Opening {
  readonly system: SystemKey
  readonly settings: ConnectorConfig
  readonly relations: readonly AnyRelation[]
  /** Most that one read may take, in milliseconds: what nobody waits for any more, no server need finish. */
  readonly deadlineMs: number
}

/** Of the kinds, only those are loaded that a site has: loading is half of a start. */
async function open(opening: Opening, options: OpenOptions): Promise<MappedConnector> {
  const { system, settings, relations, deadlineMs } = opening
  const { clock, counters, embedded, tracing, startWaitMs } = options
  const traced = (client: SqlClient) => (tracing ? traceStatements(client, tracing) : client)
  const waiting = startWaitMs === undefined ? {} : { startWaitMs }
  const log = options.log.child({ system })
  switch (settings.kind) {
    case 'embedded-postgres': {
      if (!embedded) throw new TypeError('the configuration has no embedded database and passed its checks')
      const { createPostgresConnector } = await import('./postgres/connector.ts')
      const mapping = { schema: settings.schema, freshness: null, relations: {} }
      return createPostgresConnector({ client: traced(await embedded.client()), mapping, clock })
    }
    case 'postgres': {
      const { createPoolClient } = await import('./postgres/pool-client.ts')
      const { createPostgresConnector } = await import('./postgres/connector.ts')
      const { connectionString, tls, poolSize, connectTimeoutMs } = await withTls(settings)
      const client = createPoolClient({
        connectionString,
        ...(tls && { tls }),
        max: poolSize,
        connectionTimeoutMs: connectTimeoutMs,
        statementTimeoutMs: deadlineMs,
      })
      const { schema = null, freshness = null, relations: mapped = {} } = settings
      return createPostgresConnector({
        client: traced(client),
        mapping: { schema, freshness, relations: mapped },
        clock,
      })
    }
    case 'odata': {
      const { createODataConnector } = await import('./odata/connector.ts')
      return createODataConnector({ system, settings, relations, deadlineMs, log, counters, clock })
    }
    case 'extracts': {
      const { createExtractsConnector } = await import('./extracts/connector.ts')
      return createExtractsConnector({ ...waiting, system, settings, relations, log, counters, clock })
    }
    default:
      return settings satisfies never
  }
}
