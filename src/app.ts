import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import { resolvers } from '../resolvers/index.ts'
import { createBudgets } from './admission/budget.ts'
import { assertAffordable } from './admission/operation-cost.ts'
import type { Config } from './config/load-config.ts'
import { assertKnownSites, parseSiteDirectory } from './config/site-directory.ts'
import { readYaml } from './config/yaml-file.ts'
import { openConnectors } from './connectors/open.ts'
import { createRequestContext } from './graphql/context.ts'
import { createDocumentCache } from './graphql/document-cache.ts'
import { wordError } from './graphql/error-format.ts'
import { registerExecution } from './graphql/execution.ts'
import { createKnowledge } from './graphql/knowledge.ts'
import { createProtocol } from './graphql/protocol.ts'
import { loadSchema } from './graphql/schema.ts'
import { standardCodes } from './graphql/standard-codes.ts'
import { createAdminServer } from './http/admin.ts'
import { registerGraphqlRoute } from './http/graphql-route.ts'
import { createPartnerServer } from './http/server.ts'
import { createAccessTokenVerifier } from './identity/access-token.ts'
import { createAuthenticator } from './identity/authenticate.ts'
import { parsePartners, sitesOfPartners } from './identity/partner-entry.ts'
import { createPartnerRegistry, type PartnerRegistry } from './identity/partner-registry.ts'
import { createSigningKeys } from './identity/signing-keys.ts'
import { createReads } from './loaders/reads.ts'
import type { Clock } from './model/clock.ts'
import { SYSTEM_KEYS, type SystemKey } from './model/system.ts'
import type { Counters } from './observe/counters.ts'
import type { Log } from './observe/log.ts'
import { readDeclarations } from './operations/declarations.ts'
import { createPlanner } from './operations/plan.ts'
import { createDeclaredRecovery, type DeclaredRecovery } from './recovery/declared.ts'
import { parseDeclaredState, sitesOfRestart } from './recovery/parse-declared.ts'
import type { Connector } from './systems/connector.ts'
import { createGate } from './systems/gate.ts'
import { createRestoredSystems } from './systems/restored-systems.ts'
import { createSystems } from './systems/systems.ts'

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
  /** Shows each system's proof; the reason where it could not be shown. */
  prove(): Promise<readonly SystemProof[]>
  /** Closes the connectors, once nothing can ask them any more. */
  close(): Promise<void>
}

export interface SystemProof {
  readonly system: SystemKey
  readonly failure: unknown
}

export interface AppOptions {
  readonly log: Log
  readonly counters: Counters
  readonly clock: Clock
  /** Stand in front of the configured connectors, by system. */
  readonly connectors?: (configured: Readonly<Record<SystemKey, Connector>>) => Readonly<Record<SystemKey, Connector>>
  /** How operations are executed; the defaults are what serves partners. */
  readonly execution?: { readonly compiled: boolean; readonly cached: boolean }
}

export async function createApp(config: Config, options: AppOptions): Promise<App> {
  const { log, counters, clock, execution: mode = { compiled: true, cached: true } } = options

  // What the gateway itself knows: the restart, its partners, their sites.
  const restart = parseDeclaredState(await readYaml(config.restart), config.restart)
  const sites = parseSiteDirectory(await readYaml(config.sites), config.sites)
  const partners = parsePartners(await readYaml(config.identity.partners), config.identity.partners)
  assertKnownSites(sites, config.identity.partners, sitesOfPartners(partners))
  assertKnownSites(sites, config.restart, sitesOfRestart(restart))
  const recovery = createDeclaredRecovery(restart)
  const registry = createPartnerRegistry({ partners, limits: config.limits })

  // Identity: from a token to a viewer.
  const keys = await createSigningKeys(config.identity.keys, clock)
  const authenticate = createAuthenticator({
    verifier: createAccessTokenVerifier({ ...config.identity, keys, clock }),
    registry,
  })

  // The restored systems, behind the gate.
  const configured = await openConnectors(config, { log, clock, counters })
  const connectors = options.connectors?.(configured) ?? configured
  const gate = createGate(recovery)
  const restored = createRestoredSystems({ connectors, systems: config.systems, recovery, clock, log, counters })
  const systems = createSystems(restored, gate)

  // The plan of an operation, and what it may cost.
  const schema = await loadSchema(new URL('../schema/', import.meta.url).pathname)
  const declarations = readDeclarations(schema)
  const planner = createPlanner({
    schema,
    declarations,
    limits: config.documents,
    planEntries: config.documents.planEntries,
  })
  const budgets = createBudgets({ clock })

  // Execution and protocol, on the server that faces partners.
  const server = createPartnerServer({ limits: config.limits, log, wordError })
  const execution = await registerExecution(server, {
    schema,
    resolvers,
    declarations,
    gate,
    compiled: mode.compiled,
    fieldCache: mode.cached && config.fieldCache.entries > 0 ? config.fieldCache : null,
    onFieldCacheLookup: (field, outcome) => counters.count('field_cache_lookups', { field, outcome }),
  })
  const protocol = await createProtocol({
    schema,
    planner,
    execution,
    documentCache: createDocumentCache({
      entries: config.persistedQueries.entries,
      onError: error => log.warn({ error }, 'the store of persisted documents failed'),
    }),
    persistedQueryTtlSeconds: config.persistedQueries.ttlSeconds,
    maxTokens: config.documents.maxTokens,
    spend: async (viewer, cost) => {
      assertAffordable(viewer, cost)
      await budgets.spend(viewer, cost)
    },
    log,
  })
  const knowledge = createKnowledge({
    codes: standardCodes(schema),
    sites,
    recovery,
    restored,
    gate,
    budget: budgets.peek,
  })
  registerGraphqlRoute(server, {
    authenticate,
    handler: fastifyApolloHandler(protocol, {
      context: async request =>
        createRequestContext(request.id, request.viewer, createReads(systems, request.viewer), knowledge),
    }),
  })

  // What the platform that runs the gateway sees.
  const admin = createAdminServer({
    log,
    metrics: () => counters.prometheus(),
    readiness: async () => ({
      ready: true,
      systems: SYSTEM_KEYS.map(key => ({
        key,
        lifecycle: recovery.current().state.systems[key].lifecycle,
        ...restored[key].health(),
      })),
    }),
  })
  return {
    partners: server,
    admin,
    recovery,
    registry,
    prove: async () => {
      const proofs = await Promise.allSettled(SYSTEM_KEYS.map(key => restored[key].prove()))
      return SYSTEM_KEYS.map((system, index) => ({
        system,
        failure: proofs[index]?.status === 'rejected' ? proofs[index].reason : null,
      }))
    },
    close: async () => {
      await protocol.stop()
      await Promise.all(Object.values(restored).map(system => system.close()))
    },
  }
}
