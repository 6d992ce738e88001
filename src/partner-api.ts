import { fileURLToPath } from 'node:url'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import { resolvers } from '../resolvers/index.ts'
import type { Admission } from './admission/admission.ts'
import { generationOf } from './config/generation.ts'
import type { Config } from './config/load-config.ts'
import { createAnswerWriter } from './graphql/answer-writer.ts'
import { createRequestContext } from './graphql/context.ts'
import { wordError } from './graphql/error-format.ts'
import { registerExecution } from './graphql/execution.ts'
import { createKnowledge } from './graphql/knowledge.ts'
import { createAdmittance, type Note } from './graphql/planned-operation.ts'
import { createProtocol } from './graphql/protocol.ts'
import { loadSchema } from './graphql/schema.ts'
import { standardCodes } from './graphql/standard-codes.ts'
import { createSubscriptions } from './graphql/subscriptions/subscriptions.ts'
import { observerOf } from './http/audit.ts'
import { createGraphqlHandler } from './http/graphql-handler.ts'
import { GRAPHQL_PATH, registerGraphqlRoute } from './http/graphql-route.ts'
import { readListenerTls } from './http/listener-tls.ts'
import { createPartnerServer } from './http/server.ts'
import { registerStreamRoute } from './http/stream-route.ts'
import type { Authenticator } from './identity/authenticate.ts'
import type { Identity } from './identity/identity.ts'
import type { PartnerRegistry } from './identity/partner-registry.ts'
import { createReads } from './loaders/reads.ts'
import type { Clock } from './model/clock.ts'
import type { SiteDirectory } from './model/directory.ts'
import type { SystemKey } from './model/system.ts'
import type { Viewer } from './model/viewer.ts'
import type { Counters } from './observe/counters.ts'
import type { Log } from './observe/log.ts'
import type { Declarations } from './operations/declarations.ts'
import { openOperations } from './operations/operations.ts'
import type { RecordedOperations } from './operations/recorded-operations.ts'
import { createRecordedOperations } from './operations/recorded-operations.ts'
import type { Evidence } from './recovery/reading/evidence.ts'
import type { Recovery } from './recovery/recovery.ts'
import { createQuestionReader } from './responses/reading.ts'
import { createResponses } from './responses/responses.ts'
import { createWarmUp } from './responses/warm-up.ts'
import type { SharedStore } from './store/shared-store.ts'
import type { Gate } from './systems/gate.ts'
import type { RestoredSystem } from './systems/restored-system.ts'
import type { Systems } from './systems/systems.ts'

/** Operations that a dry run can speak of: those asked last. */
const RECORDED_OPERATIONS = 500
/** Of hits, which are many, one in so many is counted for the warm-up, for as many. */
const HITS_A_COUNT = 8
/** Where nothing is to be kept: what is asked is read, and what is answered made, anew each time. */
const NO_RESPONSES = { bytes: 0, questionBytes: 0 }
const SCHEMA_DIRECTORY = fileURLToPath(new URL('../schema/', import.meta.url))

/**
 * What partners meet: the road of a request from the edge to the systems, in the order in which its steps are built. Built
 * by the composition root on the ground that it has laid; it knows every step above that ground, and none of them knows it.
 */
export interface PartnerApi {
  readonly server: FastifyInstance
  readonly declarations: Declarations
  /** What partners ask, for the dry run of a change. */
  readonly recorded: RecordedOperations
  /** Once nothing can ask any more. */
  stop(): Promise<void>
}

/** What the API stands on. */
export interface Ground {
  readonly sites: SiteDirectory
  readonly recovery: Recovery
  readonly evidence: (system: SystemKey) => readonly Evidence[]
  readonly restored: Readonly<Record<SystemKey, RestoredSystem>>
  /** The same, behind the gate. */
  readonly systems: Systems
  readonly gate: Gate
  readonly registry: PartnerRegistry
  /** Null: this instance is by itself. */
  readonly store: SharedStore | null
  readonly authenticate: Authenticator
  readonly knownViewer: Identity['knownViewer']
  readonly countKnown: Identity['countKnown']
  readonly admission: Admission
  readonly clock: Clock
  readonly log: Log
  readonly counters: Counters
  /** How operations are executed; the defaults are what serves partners. */
  readonly execution?: { readonly compiled: boolean; readonly cached: boolean } | undefined
}

export async function createPartnerApi(config: Config, ground: Ground): Promise<PartnerApi> {
  const { sites, recovery, evidence, restored, systems, gate, registry, store, authenticate, admission } = ground
  const { knownViewer, countKnown, clock, log, counters } = ground
  const isCached = ground.execution?.cached ?? true

  // The schema with what it declares, and the plan of an operation.
  const schema = await loadSchema(SCHEMA_DIRECTORY)
  const { declarations, planner, trusted } = await openOperations(schema, config, { counters, log })

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
    compiled: ground.execution?.compiled ?? true,
    fieldCache:
      isCached && config.fieldCache.entries > 0
        ? {
            ...config.fieldCache,
            shared: store && { store: store.records, leases: store.leases, generation, clock, counters },
          }
        : null,
    fieldCacheCounter: (field, outcome) => counters.counter('field_cache_lookups', { field, outcome }),
    clock,
  })
  const { persistedQueries, limits } = config
  const { maxTokens } = config.documents
  const { spend, budget } = admission
  const { assertTrusted } = trusted
  const recorded = createRecordedOperations({ max: RECORDED_OPERATIONS, clock })
  const note: Note = (question, viewer) => {
    recorded.note(question.plan, viewer)
    warmUp.asked(question, viewer)
  }
  let hits = 0
  const noteHit: Note = (question, viewer) => {
    recorded.note(question.plan, viewer)
    if (++hits % HITS_A_COUNT === 0) warmUp.asked(question, viewer, HITS_A_COUNT)
  }
  const protocol = await createProtocol({
    schema,
    planner,
    execution,
    persistedQueries,
    sharedDocuments: store?.documents ?? null,
    maxTokens,
    assertTrusted,
    spend,
    note,
    clock,
    log,
  })
  const knowledge = createKnowledge({ codes: standardCodes(schema), sites, recovery, evidence, restored, gate, budget })
  const contextFor = (viewer: Viewer, requestId: string) =>
    createRequestContext(requestId, viewer, createReads(systems, viewer), knowledge)

  // A question that is known goes the short way, past the protocol: finished bytes, or its execution.
  const { questions, answers } = createResponses(isCached ? config.responseCache : NO_RESPONSES, {
    recovery,
    gate,
    planner,
    healthOf: system => restored[system].health(),
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
  const warmUp = createWarmUp({
    recovery,
    isServedTo: gate.isOpen,
    isCurrent: registry.isCurrent,
    refresh: answers.refresh,
    isBusy: () => answers.waiting() > 0,
    ...config.warmUp,
    clock,
    log,
    counters,
  })
  for (const { text } of trusted.documents) for (const plan of planner.keep(text)) execution.prepare(plan)
  const admittance = createAdmittance({ assertTrusted, spend }, note)
  const handler = createGraphqlHandler({
    questions,
    reader: createQuestionReader({ planner, textOf: trusted.textOf }),
    admittance,
    answers,
    word: createAnswerWriter({ clock, log }),
    protocol: fastifyApolloHandler(protocol, {
      async context({ viewer, id, audit }) {
        const context = contextFor(viewer, id)
        context.observer = observerOf(audit)
        return context
      },
    }),
    clock,
  })
  registerGraphqlRoute(partners, { authenticate, handler })
  partners.openExpressLane({
    path: GRAPHQL_PATH,
    viewerOf: knownViewer,
    questions,
    find: answers.find,
    ...createAdmittance({ assertTrusted, spend }, noteHit),
    served() {
      countKnown()
      answers.countHit()
    },
    now: clock.now,
  })
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

  return {
    server: partners,
    declarations,
    recorded,
    async stop() {
      await warmUp.stop()
      await protocol.stop()
    },
  }
}
