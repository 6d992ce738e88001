import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { createSourceEventStream, type ExecutionResult, execute, type GraphQLSchema } from 'graphql'
import { type MercuriusOptions, mercurius } from 'mercurius'
import mercuriusCache, { type MercuriusCacheOptions } from 'mercurius-cache'
import type { Clock } from '../model/clock.ts'
import type { Declarations } from '../operations/declarations.ts'
import type { Plan } from '../operations/plan.ts'
import type { Gate } from '../systems/gate.ts'
import { createCompiler } from './compiler.ts'
import { confirmAnswer } from './confirmation.ts'
import { createOperationContext, type RequestContext } from './context.ts'
import { answerEntities } from './federation/entities.ts'
import { answerService } from './federation/service.ts'
import { type FieldCacheOptions, fieldCacheOptions } from './field-cache.ts'
import { boxResults, guardFields } from './field-guard.ts'
import { isOfRecord, keptFields } from './kept-fields.ts'
import { keepRecordFields } from './record-fields.ts'
import type { Resolvers } from './schema.generated.ts'
import { type SharedRecordsOptions, shareRecords } from './shared-records.ts'
import { withWarnings } from './warnings.ts'

/**
 * Execution: each planned operation is compiled on its second use, unless it is very large or conditional, and kept as long
 * as its plan is; the others and subscriptions are interpreted. Mercurius holds the schema, its resolvers and
 * `mercurius-cache`, which keeps what the root gives. The order of the wrappers around a resolver is fixed here, from the
 * inside out: boxed results, the shared store, the field cache's memory for its kind, guard. The schema is never replaced afterwards, because that would take them off.
 */
export interface ExecutionOptions {
  readonly schema: GraphQLSchema
  readonly resolvers: Resolvers
  readonly declarations: Declarations
  readonly gate: Gate
  /** Null turns the field cache off. */
  readonly fieldCache: {
    readonly entries: number
    /** The tier that all instances share; null, or left out: each holds its own alone. */
    readonly shared?: SharedRecordsOptions | null
  } | null
  /** False interprets every operation with graphql-js instead of compiling it. */
  readonly compiled: boolean
  readonly fieldCacheCounter: FieldCacheOptions['counter']
  readonly clock: Clock
}

export interface Execution {
  /**
   * Runs the request's planned operation, and confirms its answer. Not before the server is ready: the wrappers are on
   * only then. Throws where the viewer has lost its rights meanwhile.
   */
  execute(context: RequestContext): Promise<ExecutionResult>
  /** Compiles a planned operation ahead of its first use, where it is one to be compiled. Not before the server is ready. */
  prepare(plan: Plan): void
  /** The events of the request's planned subscription; throws what its resolver throws. */
  subscribe(context: RequestContext): Promise<AsyncIterator<unknown>>
  /** What the subscription answers to one of its events, confirmed as any answer is. */
  answerEvent(event: unknown, context: RequestContext): Promise<ExecutionResult>
}

/** Of the entries that are kept: what the root gives. The fields of records, which are many more, have the rest. */
const ROOT_SHARE = 1 / 4

// Its types describe an ES module; it is a CommonJS one.
const FIELD_CACHE = mercuriusCache as unknown as FastifyPluginAsync<MercuriusCacheOptions>

export async function registerExecution(server: FastifyInstance, options: ExecutionOptions): Promise<Execution> {
  const { schema, resolvers, declarations, gate, fieldCache, fieldCacheCounter, clock } = options
  // The engine would take them for resolvers, because it serves no subscriptions here.
  const { Subscription, ...answering } = resolvers
  const settings: MercuriusOptions = {
    schema,
    // Generated with the field context that the guard gives, which the engine's types do not know.
    resolvers: answering as unknown as NonNullable<MercuriusOptions['resolvers']>,
    routes: false,
    graphiql: false,
  }
  await server.register(mercurius, settings)
  for (const [name, field] of Object.entries(schema.getSubscriptionType()?.getFields() ?? {}))
    Object.assign(field, Subscription?.[name as keyof typeof Subscription])
  answerService(schema)
  const kept = fieldCache ? keptFields(declarations) : []
  const coordinates = new Set(kept.map(({ coordinate }) => coordinate))
  if (fieldCache) {
    const { entries, shared } = fieldCache
    // Those of records are boxed where they are kept, unless the shared store stands between.
    boxResults(schema, new Set(kept.filter(field => shared || !isOfRecord(field)).map(({ coordinate }) => coordinate)))
    if (shared) shareRecords(schema, kept, shared, fieldCacheCounter)
    const single = Math.ceil(entries * ROOT_SHARE)
    const options = { kept, counter: fieldCacheCounter, isShared: Boolean(shared), clock }
    keepRecordFields(schema, { ...options, entries: entries - single })
    await server.register(FIELD_CACHE, fieldCacheOptions({ ...options, entries: { single, paged: entries } }))
  }
  let isReady = false
  server.addHook('onReady', async () => {
    guardFields(schema, declarations, gate, coordinates)
    answerEntities(schema, declarations)
    isReady = true
  })
  function assertReady(): void {
    if (!isReady) throw new Error('an operation came before the server was ready')
  }
  function planIn({ plan }: RequestContext): Plan {
    assertReady()
    if (!plan) throw new Error('an operation came without a plan')
    return plan
  }
  const compiledOf = options.compiled ? createCompiler(schema) : () => null

  function run(plan: Plan, context: RequestContext): ExecutionResult | Promise<ExecutionResult> {
    // Coerced: the engine's own coercion misses the defaults of variables that may not be null.
    const { variables } = context
    const contextValue = createOperationContext(context, clock.now())
    const compiled = compiledOf(plan, 'used')
    if (compiled !== null) return compiled.query(undefined, contextValue, variables) as Promise<ExecutionResult>
    return execute({
      schema,
      document: plan.document,
      contextValue,
      variableValues: variables,
    }) as Promise<ExecutionResult>
  }
  return {
    async execute(context) {
      const plan = planIn(context)
      return withWarnings(confirmAnswer(await run(plan, context), context, plan, gate), context.lastKnown)
    },
    prepare(plan) {
      assertReady()
      compiledOf(plan, 'prepared')
    },
    async subscribe(context) {
      const { document } = planIn(context)
      const contextValue = createOperationContext(context, clock.now())
      const events = await createSourceEventStream({
        schema,
        document,
        contextValue,
        variableValues: context.variables,
      })
      if (Symbol.asyncIterator in events) return events[Symbol.asyncIterator]()
      throw events.errors?.[0] ?? new Error('a subscription gave neither events nor an error')
    },
    async answerEvent(event, context) {
      const plan = planIn(context)
      const answer = await execute({
        schema,
        document: plan.document,
        rootValue: event,
        contextValue: createOperationContext(context, clock.now()),
        variableValues: context.variables,
      })
      return confirmAnswer(answer, context, plan, gate)
    },
  }
}
