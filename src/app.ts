import { fileURLToPath } from 'node:url'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import { resolvers } from '../resolvers/index.ts'
import { createAdmission } from './admission/admission.ts'
import { embeddedDatabaseDirectory } from './config/embedded.ts'
import { generationOf } from './config/generation.ts'
import type { Config } from './config/load-config.ts'
import { readRestartSettings } from './config/restart-settings.ts'
import { parseSiteDirectory } from './config/site-directory.ts'
import { readYaml } from './config/yaml-file.ts'
import { openConnectors } from './connectors/open.ts'
import { createEmbeddedPostgres } from './connectors/postgres/embedded.ts'
import { createAnswerWriter } from './graphql/answer-writer.ts'
import { createRequestContext } from './graphql/context.ts'
import { wordError } from './graphql/error-format.ts'
import { registerExecution } from './graphql/execution.ts'
import { createKnowledge } from './graphql/knowledge.ts'
import { createAdmittance } from './graphql/planned-operation.ts'
import { createProtocol } from './graphql/protocol.ts'
import { loadSchema } from './graphql/schema.ts'
import { standardCodes } from './graphql/standard-codes.ts'
import { createSubscriptions } from './graphql/subscriptions/subscriptions.ts'
import { createAdminServer } from './http/admin/listener.ts'
import { createPlatformView } from './http/admin/platform-view.ts'
import { createOperatorPort } from './http/admin/views.ts'
import { createGraphqlHandler } from './http/graphql-handler.ts'
import { registerGraphqlRoute } from './http/graphql-route.ts'
import { readListenerTls } from './http/listener-tls.ts'
import { createPartnerServer } from './http/server.ts'
import { registerStreamRoute } from './http/stream-route.ts'
import { createIdentity } from './identity/identity.ts'
import { createPartnerRegistry, type PartnerRegistry } from './identity/partner-registry.ts'
import { createReads } from './loaders/reads.ts'
import type { Clock } from './model/clock.ts'
import type { SystemKey } from './model/system.ts'
import type { Viewer } from './model/viewer.ts'
import type { Counters } from './observe/counters.ts'
import type { Log } from './observe/log.ts'
import { readDeclarations } from './operations/declarations.ts'
import { impactOf } from './operations/impact.ts'
import { createPlanner } from './operations/planner.ts'
import { createRecordedOperations } from './operations/recorded-operations.ts'
import type { Observation } from './recovery/lifecycle/observation.ts'
import type { Recovery } from './recovery/recovery.ts'
import { openRestart, type Restart } from './recovery/restart.ts'
import { createQuestionReader } from './responses/reading.ts'
import { createResponses } from './responses/responses.ts'
import { openSharedStore } from './store/redis-store.ts'
import { createGate } from './systems/gate.ts'
import { summableColumns } from './systems/relations/all.ts'
import { type Connectors, createRestoredSystems, proveAll, type SystemProof } from './systems/restored-systems.ts'
import { createSystems } from './systems/systems.ts'
import { createWatch } from './systems/watch.ts'

/** Operations that a dry run can speak of: those asked last. */
const RECORDED_OPERATIONS = 500
/** Where nothing is to be kept: what is asked is read, and what is answered made, anew each time. */
const NO_RESPONSES = { bytes: 0, questionBytes: 0 }
const SCHEMA_DIRECTORY = fileURLToPath(new URL('../schema/', import.meta.url))

/**
 * The composition root: the whole road of a request, from the edge down to the connectors, in the order in which its
 * steps are built, which is from the ground up. The only file that knows every step.
 */
export interface App {
  /** Faces partners. */
  readonly partners: FastifyInstance
  /** Health, metrics, and the operators' statements. */
  readonly admin: FastifyInstance
  readonly recovery: Recovery
  /** Null where another recovery stands in its place. */
  readonly restart: Restart | null
  readonly registry: PartnerRegistry
  /** Has each system prove that it can be read, and only read. */
  prove(): Promise<readonly SystemProof[]>
  /** Looks at a system for its evidence, whatever its lifecycle. */
  examine(system: SystemKey, relations: readonly string[]): Promise<Observation>
  /** Closes the connectors and the journal, once nothing can ask them any more. */
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
  /** Stands in place of the journal, where a state is declared instead of signed. */
  readonly recovery?: Recovery
  /** What is shown as metrics, given those of this process: where there are several, those of all. */
  readonly metrics?: (own: () => string) => () => string | Promise<string>
}

export async function createApp(config: Config, options: AppOptions): Promise<App> {
  const { log, counters, clock, connectors = configured => configured, execution: mode } = options
  const sites = parseSiteDirectory(await readYaml(config.sites), config.sites)
  const embedded = config.embedded ? createEmbeddedPostgres(embeddedDatabaseDirectory(config.embedded.directory)) : null

  // The restart: what is open, to whom, on what evidence.
  const examine: App['examine'] = (system, relations) => restored[system].examine(relations)
  const restart = options.recovery
    ? null
    : await openRestart({
        settings: await readRestartSettings(config.recovery),
        embedded: embedded?.database ?? null,
        clock,
        log,
        examine,
        known: { isKnownSite: bpns => sites.has(bpns), columnsOf: summableColumns },
      })
  const recovery = restart?.recovery ?? options.recovery
  if (recovery === undefined) throw new TypeError('there is a restart, or a recovery in its place')

  // The restored systems over their connectors, behind the gate.
  const opened = connectors(await openConnectors(config, { log, clock, counters, embedded }))
  const restored = createRestoredSystems({
    connectors: opened,
    systems: config.systems,
    sites,
    recovery,
    clock,
    log,
    counters,
    onForeignRows: (system, relation, rows) =>
      restart?.closeSystem(system, { cause: 'FOREIGN_ROWS', reason: `${relation} gave ${rows} rows of another owner` }),
  })
  const registry = createPartnerRegistry({ recovery, limits: config.limits })
  const gate = createGate(recovery, registry.confirm)
  const systems = createSystems(restored, gate)

  // From a token to a viewer, and what the viewer may spend.
  const { sharedStore: settings } = config
  const store = settings ? await openSharedStore({ settings, restart: config.recovery, clock, log, counters }) : null
  const identity = await createIdentity(config.identity, { registry, clock, log, counters, store })
  const { authenticate } = identity
  const admission = createAdmission(clock, store)

  const trusted = { textOf: () => null, assertTrusted: () => {} }
  // The schema with what it declares, and the plan of an operation.
  const schema = await loadSchema(SCHEMA_DIRECTORY)
  const declarations = readDeclarations(schema)
  const planner = createPlanner({ schema, declarations, limits: config.documents })

  // The server that faces partners: edge, protocol, execution.
  const { tls } = config.listen
  const generation = generationOf(config, sites)
  const partners = createPartnerServer({
    limits: config.limits,
    log,
    wordError,
    tls: tls ? await readListenerTls(tls) : null,
    clientCertificate: config.identity.clientCertificate ?? null,
  })
  const execution = await registerExecution(partners, {
    schema,
    resolvers,
    declarations,
    gate,
    compiled: mode?.compiled ?? true,
    fieldCache:
      (mode?.cached ?? true) && config.fieldCache.entries > 0
        ? { ...config.fieldCache, shared: store && { store: store.records, generation, clock, counters } }
        : null,
    fieldCacheCounter: (field, outcome) => counters.counter('field_cache_lookups', { field, outcome }),
    clock,
  })
  const { persistedQueries, limits } = config
  const { maxTokens } = config.documents
  const { spend, budget } = admission
  const { assertTrusted } = trusted
  const recorded = createRecordedOperations({ max: RECORDED_OPERATIONS, clock })
  const protocol = await createProtocol({
    schema,
    planner,
    execution,
    persistedQueries,
    sharedDocuments: store?.documents ?? null,
    maxTokens,
    assertTrusted,
    spend,
    note: recorded.note,
    clock,
    log,
  })
  const evidence = restart?.evidence ?? (() => [])
  const knowledge = createKnowledge({ codes: standardCodes(schema), sites, recovery, evidence, restored, gate, budget })
  const contextFor = (viewer: Viewer, requestId: string) =>
    createRequestContext(requestId, viewer, createReads(systems, viewer), knowledge)

  // A question that is known goes the short way, past the protocol: finished bytes, or its execution.
  const healthOf = (system: SystemKey) => restored[system].health()
  const { questions, answers } = createResponses((mode?.cached ?? true) ? config.responseCache : NO_RESPONSES, {
    recovery,
    gate,
    healthOf,
    execute: async (question, viewer, requestId) => {
      const context = contextFor(viewer, requestId)
      context.plan = question.plan
      context.variables = question.variables
      return { result: await execution.execute(context), freshUntilMs: context.freshness.untilMs }
    },
    write: (_, { data }) => JSON.stringify({ data }),
    clock,
    counters,
  })
  const handler = createGraphqlHandler({
    questions,
    reader: createQuestionReader({ planner, textOf: trusted.textOf }),
    admit: createAdmittance({ assertTrusted, spend }, recorded.note),
    answers,
    word: createAnswerWriter({ clock, log }),
    protocol: fastifyApolloHandler(protocol, { context: async ({ viewer, id }) => contextFor(viewer, id) }),
    clock,
  })
  registerGraphqlRoute(partners, { authenticate, handler })
  const { isCurrent } = registry
  const subscriptions = createSubscriptions({
    planner,
    assertTrusted,
    spend,
    execution,
    knowledge,
    maxTokens,
    recovery,
    isCurrent,
    clock,
    log,
  })
  const maxStreamsPerPartner = limits.streamsPerPartner
  registerStreamRoute(partners, { authenticate, subscriptions, maxStreamsPerPartner, log })

  // What the platform that runs the gateway sees, and what its operators do.
  const operator =
    restart &&
    createOperatorPort({
      restart,
      healthOf,
      impact: (before, after) => impactOf(before, after, { declarations, recorded }),
    })
  const view = createPlatformView({ recovery, restart, restored, identity, store, counters, clock })
  const admin = createAdminServer({
    log,
    operator,
    host: config.listen.adminHost,
    ...view,
    metrics: options.metrics?.(view.metrics) ?? view.metrics,
  })
  const watch =
    restart &&
    createWatch({
      restored,
      recovery,
      everySeconds: config.recovery.watchSeconds,
      onObservation: restart.observed,
      log,
    })

  const close = async () => {
    watch?.stop()
    await protocol.stop()
    await identity.close()
    await store?.close()
    await restart?.close()
    await Promise.all(Object.values(restored).map(system => system.close()))
    await embedded?.close()
  }
  const prove = async () => {
    const proofs = await proveAll(restored)
    // What has drifted while no gateway ran is found now, not at the end of the first interval.
    void watch?.look()
    return proofs
  }
  return { partners, admin, recovery, restart, registry, prove, examine, close }
}
