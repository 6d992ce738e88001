import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { createSourceEventStream, type ExecutionResult, execute, type GraphQLSchema } from 'graphql'
import { type MercuriusOptions, mercurius } from 'mercurius'
import mercuriusCache, { type MercuriusCacheOptions } from 'mercurius-cache'
import type { Declarations } from '../operations/declarations.ts'
import type { Plan } from '../operations/plan.ts'
import type { Gate } from '../systems/gate.ts'
import { confirmAnswer } from './confirmation.ts'
import type { RequestContext } from './context.ts'
import { type FieldCacheOptions, fieldCacheOptions } from './field-cache.ts'
import { freezeResults, guardFields } from './field-guard.ts'
import { keptFields } from './kept-fields.ts'
import type { Resolvers } from './schema.generated.ts'
import { type SharedRecordsOptions, shareRecords } from './shared-records.ts'

/**
 * Execution: Mercurius compiles each planned operation on its second use, unless it is very large or conditional, and
 * runs it; subscriptions are interpreted; `mercurius-cache` keeps the records. The order of the wrappers around a
 * resolver is fixed here, from the inside out: immutable results, the shared store, field cache, guard. The schema is never replaced
 * afterwards, because that would take them off.
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
}

export interface Execution {
  /**
   * Runs the request's planned operation, and confirms its answer. Not before the server is ready: the wrappers are on
   * only then. Throws where the viewer has lost its rights meanwhile.
   */
  execute(context: RequestContext): Promise<ExecutionResult>
  /** The events of the request's planned subscription; throws what its resolver throws. */
  subscribe(context: RequestContext): Promise<AsyncIterator<unknown>>
  /** What the subscription answers to one of its events, confirmed as any answer is. */
  answerEvent(event: unknown, context: RequestContext): Promise<ExecutionResult>
}

/**
 * An operation of more fields is interpreted, however often it comes: compiled, each field is kilobytes of code that
 * stay in memory, and a short document of fragments can have tens of thousands.
 */
const MAX_COMPILED_FIELDS = 300

// Its types describe an ES module; it is a CommonJS one.
const FIELD_CACHE = mercuriusCache as unknown as FastifyPluginAsync<MercuriusCacheOptions>

export async function registerExecution(server: FastifyInstance, options: ExecutionOptions): Promise<Execution> {
  const { schema, resolvers, declarations, gate, fieldCache, compiled, fieldCacheCounter } = options
  // The engine would take them for resolvers, because it serves no subscriptions here.
  const { Subscription, ...answering } = resolvers
  const settings: MercuriusOptions = {
    schema,
    // Generated with the field context that the guard gives, which the engine's types do not know.
    resolvers: answering as unknown as NonNullable<MercuriusOptions['resolvers']>,
    jit: compiled ? 1 : 0,
    routes: false,
    graphiql: false,
    // Errors reach the protocol as they were thrown; it words them.
    errorFormatter: execution => ({
      statusCode: 200,
      response: { data: execution.data ?? null, errors: [...(execution.errors ?? [])] },
    }),
  }
  await server.register(mercurius, settings)
  for (const [name, field] of Object.entries(schema.getSubscriptionType()?.getFields() ?? {}))
    Object.assign(field, Subscription?.[name as keyof typeof Subscription])
  freezeResults(schema)
  if (fieldCache) {
    const { entries, shared: sharing } = fieldCache
    const shared = sharing ? shareRecords(schema, keptFields(declarations), sharing, fieldCacheCounter) : null
    await server.register(FIELD_CACHE, fieldCacheOptions({ entries, declarations, counter: fieldCacheCounter, shared }))
  }
  let isReady = false
  server.addHook('onReady', async () => {
    guardFields(schema, declarations, gate)
    isReady = true
  })
  function planIn({ plan }: RequestContext): Plan {
    if (!isReady) throw new Error('an operation came before the server was ready')
    if (!plan) throw new Error('an operation came without a plan')
    return plan
  }
  async function run(plan: Plan, context: RequestContext): Promise<ExecutionResult> {
    // Coerced: the engine's own coercion misses the defaults of variables that may not be null.
    const { variables } = context
    // Compiled, fields that meet again under other conditions come to be missing, or to be there.
    if (plan.isConditional || plan.fields > MAX_COMPILED_FIELDS)
      return execute({ schema, document: plan.document, contextValue: { ...context }, variableValues: variables })
    // The engine takes a parsed document as well as text, and remembers compiled operations by its identity.
    const document = plan.document as unknown as string
    return (await server.graphql(document, { ...context }, variables)) as ExecutionResult
  }
  return {
    async execute(context) {
      const plan = planIn(context)
      return confirmAnswer(await run(plan, context), context, plan, gate)
    },
    async subscribe(context) {
      const { document } = planIn(context)
      const contextValue = { ...context }
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
        contextValue: { ...context },
        variableValues: context.variables,
      })
      return confirmAnswer(answer, context, plan, gate)
    },
  }
}
