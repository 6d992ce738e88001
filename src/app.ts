import { fileURLToPath } from 'node:url'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { resolvers } from '../resolvers/index.ts'
import { createAdmission } from './admission/admission.ts'
import type { Config } from './config/load-config.ts'
import { assertKnownSites, parseSiteDirectory } from './config/site-directory.ts'
import { readYaml } from './config/yaml-file.ts'
import { type Connectors, openConnectors } from './connectors/open.ts'
import { createRequestContext } from './graphql/context.ts'
import { wordError } from './graphql/error-format.ts'
import { registerExecution } from './graphql/execution.ts'
import { createKnowledge } from './graphql/knowledge.ts'
import { createProtocol } from './graphql/protocol.ts'
import { loadSchema } from './graphql/schema.ts'
import { standardCodes } from './graphql/standard-codes.ts'
import { createAdminServer } from './http/admin.ts'
import { registerGraphqlRoute } from './http/graphql-route.ts'
import { createPartnerServer } from './http/server.ts'
import { createIdentity } from './identity/identity.ts'
import { parsePartners, sitesOfPartners } from './identity/partner-entry.ts'
import { createPartnerRegistry, type PartnerRegistry } from './identity/partner-registry.ts'
import { createReads } from './loaders/reads.ts'
import type { Clock } from './model/clock.ts'
import type { Counters } from './observe/counters.ts'
import type { Log } from './observe/log.ts'
import { readDeclarations } from './operations/declarations.ts'
import { createPlanner } from './operations/plan.ts'
import { createDeclaredRecovery, type DeclaredRecovery } from './recovery/declared.ts'
import { parseDeclaredState, sitesOfRestart } from './recovery/parse-declared.ts'
import { createGate } from './systems/gate.ts'
import { createRestoredSystems, describeSystems, proveAll, type SystemProof } from './systems/restored-systems.ts'
import { createSystems } from './systems/systems.ts'

const SCHEMA_DIRECTORY = fileURLToPath(new URL('../schema/', import.meta.url))

/**
 * The composition root: the whole road of a request, from the edge down to the connectors, in the order in which its
 * steps are built, which is from the ground up. The only file that knows every step.
 */
export interface App {
  /** Faces partners. */
  readonly partners: FastifyInstance
  /** Health and metrics. */
  readonly admin: FastifyInstance
  readonly recovery: DeclaredRecovery
  readonly registry: PartnerRegistry
  /** Has each system prove that it can be read, and only read. */
  prove(): Promise<readonly SystemProof[]>
  /** Closes the connectors, once nothing can ask them any more. */
  close(): Promise<void>
}

export interface AppOptions {
  readonly log: Log
  readonly counters: Counters
  readonly clock: Clock
  /** Stands in front of the configured connectors. */
  readonly connectors?: (configured: Connectors) => Connectors
  /** How operations are executed; the defaults are what serves partners. */
  readonly execution?: { readonly compiled: boolean; readonly cached: boolean }
}

export async function createApp(config: Config, options: AppOptions): Promise<App> {
  const { log, counters, clock, connectors = configured => configured, execution: mode } = options

  // What the gateway itself knows: the restart, its partners, their sites.
  const restart = parseDeclaredState(await readYaml(config.restart), config.restart)
  const entries = parsePartners(await readYaml(config.identity.partners), config.identity.partners)
  const sites = parseSiteDirectory(await readYaml(config.sites), config.sites)
  assertKnownSites(sites, config.restart, sitesOfRestart(restart))
  assertKnownSites(sites, config.identity.partners, sitesOfPartners(entries))
  const recovery = createDeclaredRecovery(restart)

  // From a token to a viewer, and what the viewer may spend.
  const registry = createPartnerRegistry({ partners: entries, limits: config.limits })
  const authenticate = await createIdentity(config.identity, registry, clock)
  const admission = createAdmission(clock)

  // The restored systems over their connectors, behind the gate.
  const opened = connectors(await openConnectors(config, { log, clock, counters }))
  const restored = createRestoredSystems({
    connectors: opened,
    systems: config.systems,
    sites,
    recovery,
    clock,
    log,
    counters,
  })
  const gate = createGate(recovery)
  const systems = createSystems(restored, gate)

  // The schema with what it declares, and the plan of an operation.
  const schema = await loadSchema(SCHEMA_DIRECTORY)
  const declarations = readDeclarations(schema)
  const planner = createPlanner({ schema, declarations, limits: config.documents })

  // The server that faces partners: edge, protocol, execution.
  const partners = createPartnerServer({ limits: config.limits, log, wordError })
  const execution = await registerExecution(partners, {
    schema,
    resolvers,
    declarations,
    gate,
    compiled: mode?.compiled ?? true,
    fieldCache: (mode?.cached ?? true) && config.fieldCache.entries > 0 ? config.fieldCache : null,
    fieldCacheCounter: (field, outcome) => counters.counter('field_cache_lookups', { field, outcome }),
  })
  const { persistedQueries, documents } = config
  const { spend, budget } = admission
  const protocol = await createProtocol({
    schema,
    planner,
    execution,
    persistedQueries,
    maxTokens: documents.maxTokens,
    spend,
    log,
  })
  const knowledge = createKnowledge({ codes: standardCodes(schema), sites, recovery, restored, gate, budget })
  const context = async ({ id, viewer }: FastifyRequest) =>
    createRequestContext(id, viewer, createReads(systems, viewer), knowledge)
  registerGraphqlRoute(partners, { authenticate, handler: fastifyApolloHandler(protocol, { context }) })

  // What the platform that runs the gateway sees.
  const readiness = async () => ({ ready: true, systems: describeSystems(restored, recovery) })
  const admin = createAdminServer({ log, readiness, metrics: () => counters.prometheus() })

  const close = async () => {
    await protocol.stop()
    await Promise.all(Object.values(restored).map(system => system.close()))
  }
  return { partners, admin, recovery, registry, prove: () => proveAll(restored), close }
}
