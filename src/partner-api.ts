import { fileURLToPath } from 'node:url'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import { resolvers } from '../resolvers/index.ts'
import { generationOf } from './config/generation.ts'
import type { Config } from './config/load-config.ts'
import { createAnswerWriter } from './graphql/answer-writer.ts'
import { createRequestContext } from './graphql/context.ts'
import { wordError } from './graphql/error-format.ts'
import { registerExecution } from './graphql/execution.ts'
import { createKnowledge } from './graphql/knowledge.ts'
import { createNotes } from './graphql/notes.ts'
import { createAdmittance } from './graphql/planned-operation.ts'
import { createProtocol } from './graphql/protocol.ts'
import { createRestartReader } from './graphql/restart-reading.ts'
import { loadSchema } from './graphql/schema.ts'
import { standardCodes } from './graphql/standard-codes.ts'
import { createSubscriptions } from './graphql/subscriptions/subscriptions.ts'
import { traceExecution } from './graphql/traced-execution.ts'
import type { Ground } from './ground.ts'
import { observerOf } from './http/audit.ts'
import { openFrontDoor } from './http/front-door.ts'
import { createGraphqlHandler } from './http/graphql-handler.ts'
import { GRAPHQL_PATH, registerGraphqlRoute } from './http/graphql-route.ts'
import { readListenerTls } from './http/listener-tls.ts'
import { openPages } from './http/open-pages.ts'
import { createRateLimitFields } from './http/rate-limit-fields.ts'
import { createRefusals } from './http/refusals.ts'
import { createRequestMetrics } from './http/request-metrics.ts'
import { createPartnerServer } from './http/server.ts'
import { registerStreamRoute } from './http/stream-route.ts'
import { traceRequests } from './http/traced-requests.ts'
import { createReads } from './loaders/reads.ts'
import type { Viewer } from './model/viewer.ts'
import type { Gauge } from './observe/gauges.ts'
import type { Declarations } from './operations/declarations.ts'
import { openOperations } from './operations/operations.ts'
import type { RecordedOperations } from './operations/recorded-operations.ts'
import { createRecordedOperations } from './operations/recorded-operations.ts'
import { createQuestionReader } from './responses/reading.ts'
import { createResponses } from './responses/responses.ts'
import { createWarmUp } from './responses/warm-up.ts'
import type { ReadRestart } from './webhooks/readers.ts'

/** Operations that a dry run can speak of: those asked last. */
const RECORDED_OPERATIONS = 500
/** Where nothing is to be kept: what is asked is read, and what is answered made, anew each time. */
const NO_RESPONSES = { bytes: 0, questionBytes: 0 }
export const SCHEMA_DIRECTORY = fileURLToPath(new URL('../schema/', import.meta.url))

/**
 * What partners meet: the road of a request from the edge to the systems, in the order in which its steps are built. Built
 * by the composition root on the ground that it has laid; it knows every step above that ground, and none of them knows it.
 */
export interface PartnerApi {
  readonly server: FastifyInstance
  readonly declarations: Declarations
  /** What partners ask, for the dry run of a change. */
  readonly recorded: RecordedOperations
  readonly gauges: readonly Gauge[]
  /** The restart as a viewer may read it. Not before the server is ready. */
  readonly readRestart: ReadRestart
  /** Once nothing can ask any more. */
  stop(): Promise<void>
}

export async function createPartnerApi(config: Config, ground: Ground): Promise<PartnerApi> {
  const { sites, recovery, evidence, restored, systems, gate, registry, store, authenticate, admission } = ground
  const { knownViewer, isKnown, countKnown, clock, log, counters } = ground
  const isCached = ground.execution?.cached ?? true

  // The schema with what it declares, and the plan of an operation.
  const schema = ground.schema ?? (await loadSchema(SCHEMA_DIRECTORY, { isSubgraph: config.federation.enabled }))
  const { declarations, planner, trusted } = await openOperations(schema, config, {
    counters,
    log,
    ownDocuments: ground.web?.documents ?? [],
  })

  // The server that faces partners: edge, protocol, execution.
  const { tls } = config.listen
  const trustedPlans = trusted.documents.flatMap(({ text }) => planner.keep(text))
  const operations = trustedPlans.flatMap(({ operationName }) => operationName ?? [])
  const metrics = createRequestMetrics({ operations, counters, now: () => performance.now() })
  const generation = generationOf(config, sites)
  const partners = createPartnerServer({
    limits: config.limits,
    log,
    accessLog: ground.accessLog,
    wordError,
    tls: tls ? await readListenerTls(tls) : null,
    clientCertificate: config.identity.clientCertificate ?? null,
    metrics,
  })
  const registered = await registerExecution(partners, {
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
  const execution = ground.tracing ? traceExecution(registered, ground.tracing) : registered
  const { persistedQueries, limits } = config
  const { maxTokens } = config.documents
  const { spend, budget, executions, shedding, load } = admission
  const rateLimitFields = createRateLimitFields(admission.standing)
  const { assertTrusted } = trusted
  const recorded = createRecordedOperations({ max: RECORDED_OPERATIONS, clock })
  const { note, noteHit } = createNotes(recorded, (...asked) => warmUp.asked(...asked))
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
    createRequestContext(requestId, viewer, createReads(systems, viewer, clock), knowledge)

  // A question that is known goes the short way, past the protocol: finished bytes, or its execution.
  const { questions, answers } = createResponses(isCached ? config.responseCache : NO_RESPONSES, {
    recovery,
    gate,
    planner,
    healthOf: system => restored[system].health(),
    execute: (question, viewer, requestId) =>
      executions.run(viewer, question.plan.systems, async () => {
        const context = contextFor(viewer, requestId)
        context.plan = question.plan
        context.variables = question.variables
        return { result: await execution.execute(context), freshUntilMs: context.freshness.untilMs }
      }),
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
  // After the execution's own hook: a plan is compiled with the guards on, before the first partner asks.
  partners.addHook('onReady', async () => {
    for (const plan of trustedPlans) execution.prepare(plan)
  })
  const admittance = createAdmittance({ assertTrusted, spend }, note)
  const handler = createGraphqlHandler({
    questions,
    reader: createQuestionReader({ planner, textOf: trusted.textOf }),
    admittance,
    answers,
    admission,
    rateLimitFields,
    word: createAnswerWriter({ clock, log }),
    protocol: fastifyApolloHandler(protocol, {
      async context({ viewer, id, audit }) {
        const context = contextFor(viewer, id)
        context.observer = observerOf(audit, context.lastKnown)
        return context
      },
    }),
    maxTokens,
    clock,
  })
  registerGraphqlRoute(partners, { authenticate, handler, rateLimitFields, budget })
  const refusals = createRefusals({ wordError, forms: partners.answerForms, rateLimitFields })
  partners.openExpressLane({
    path: GRAPHQL_PATH,
    viewerOf: knownViewer,
    questions,
    find: answers.find,
    isUnderWay: answers.isUnderWay,
    shedding,
    refusals,
    rateLimitFields,
    ...createAdmittance({ assertTrusted, spend }, noteHit),
    served() {
      load.room.passed()
      countKnown()
      answers.countHit()
    },
    now: clock.now,
  })
  if (ground.tracing) traceRequests(partners, ground.tracing)
  openFrontDoor(partners, { isKnown, shedding, load, refusals })
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
  registerStreamRoute(partners, { authenticate, subscriptions, admission, maxStreamsPerPartner, log })
  openPages(partners, {
    build: ground.web,
    signInAsSample: ground.signInAsSample,
    settings: config.statusPage,
    recovery,
    knowledge: { ...knowledge, sites },
    authenticate,
    isCurrent,
    maxStreamsPerPartner,
    clock,
    log,
  })

  return {
    server: partners,
    declarations,
    recorded,
    gauges: metrics.gauges,
    readRestart: createRestartReader({ planner, execution, knowledge, maxPageSize: config.documents.maxPageSize }),
    async stop() {
      await warmUp.stop()
      await protocol.stop()
    },
  }
}
