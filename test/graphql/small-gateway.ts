import Fastify from 'fastify'
import { type ExecutionResult, parse } from 'graphql'
import { createRequestContext, type FieldContext, type Knowledge, NO_REQUEST_READS } from '../../src/graphql/context.ts'
import { gatewayErrorIn } from '../../src/graphql/error-format.ts'
import { registerExecution } from '../../src/graphql/execution.ts'
import type { Resolvers } from '../../src/graphql/schema.generated.ts'
import type { SharedRecordsOptions } from '../../src/graphql/shared-records.ts'
import type { RequestReads } from '../../src/loaders/reads.ts'
import { type Clock, systemClock } from '../../src/model/clock.ts'
import { GatewayError } from '../../src/model/errors.ts'
import type { Viewer } from '../../src/model/viewer.ts'
import type { Variables } from '../../src/operations/cost.ts'
import { readDeclarations } from '../../src/operations/declarations.ts'
import { createPlanner } from '../../src/operations/planner.ts'
import { createGate } from '../../src/systems/gate.ts'
import { LIMITS, schemaOf } from '../operations/planning.ts'
import { createDeclaredRecovery, type DeclaredRecovery, declaredState } from '../support/declared-recovery.ts'

/** Execution with its cache and guard as in production, over a small schema and the resolvers of a test. */

const SCHEMA = `
  type Query {
    catalogue(partNumber: String, site: String @partition(by: [PARTNER])): Thing
      @source(system: PARTS_LOGISTICS) @requiresScopes(scopes: [["x"]]) @partition(by: []) @cacheControl(maxAge: 60)
      @lastKnownGood(maxAge: 3600)
    mine: Thing
      @source(system: WHOLESALE_FINANCE) @requiresScopes(scopes: [["x"]]) @partition(by: [PARTNER]) @cacheControl(maxAge: 60)
    fresh: Thing
      @source(system: PARTS_LOGISTICS) @requiresScopes(scopes: [["x"]]) @partition(by: [SITES])
    status: String @partition(by: [ROLE])
    plain: String
  }
  type Thing {
    id: ID
    value: String
    stock: String @source(system: PARTS_LOGISTICS) @partition(by: [SITES]) @cacheControl(maxAge: 60)
      @lastKnownGood(maxAge: 600)
    inner: Thing
  }
`

export type Resolve = (self: never, args: Readonly<Record<string, unknown>>, context: FieldContext) => unknown
export type SmallResolvers = Readonly<Record<'Query' | 'Thing', Readonly<Record<string, Resolve>>>>

/** Every field that reads a system must have a resolver; a test replaces those that it is about. */
const NOTHING: SmallResolvers = {
  Query: { catalogue: () => null, mine: () => null, fresh: () => null },
  Thing: { stock: () => null },
}

export interface SmallGateway {
  readonly recovery: DeclaredRecovery
  /** What happened at the field cache, as `Query.mine hit`. */
  readonly lookups: readonly string[]
  /** Takes every viewer's rights from now on. */
  forbid(): void
  ask(viewer: Viewer, source: string, reads?: RequestReads): Promise<SmallAnswer>
  /** Until when the answer is fresh, in milliseconds since the Unix epoch. */
  freshUntil(viewer: Viewer, source: string, variables?: Variables): Promise<number>
  /** Compiles the operation ahead of its first use. */
  prepare(source: string): void
}

export interface SmallAnswer {
  readonly data: unknown
  /** Of each error its path and its code, or its message where the gateway did not write it. */
  readonly errors: readonly (readonly [path: string, what: string])[]
  /** Undefined: there are none. */
  readonly extensions?: unknown
}

export async function startSmallGateway(
  given: Partial<SmallResolvers>,
  shared: SharedRecordsOptions | null = null,
  clock: Clock = shared?.clock ?? systemClock,
): Promise<SmallGateway> {
  const schema = schemaOf(SCHEMA)
  const declarations = readDeclarations(schema)
  const planner = createPlanner({ schema, declarations, limits: LIMITS })
  const recovery = createDeclaredRecovery(declaredState())
  const lookups: string[] = []
  let isForbidden = false
  const confirmViewer = () => {
    if (isForbidden) throw new GatewayError('FORBIDDEN', 'No.')
  }
  const server = Fastify()
  const execution = await registerExecution(server, {
    schema,
    declarations,
    resolvers: {
      Query: { ...NOTHING.Query, ...given.Query },
      Thing: { ...NOTHING.Thing, ...given.Thing },
    } as unknown as Resolvers,
    gate: createGate(recovery, confirmViewer),
    fieldCache: { entries: 1_000, shared },
    compiled: true,
    fieldCacheCounter: (field, outcome) => () => void lookups.push(`${field} ${outcome}`),
    clock,
  })
  await server.ready()
  const planOf = (source: string) => planner.planFor({ source, document: parse(source), operationName: undefined })
  return {
    recovery,
    lookups,
    forbid() {
      isForbidden = true
      recovery.grant([])
    },
    prepare: source => execution.prepare(planOf(source)),
    async freshUntil(viewer, source, variables) {
      const context = createRequestContext('request', viewer, NO_REQUEST_READS, {} as Knowledge)
      context.plan = planOf(source)
      context.variables = context.plan.coerceVariables(variables)
      const { errors = [] } = await execution.execute(context)
      if (errors[0]) throw errors[0]
      return context.freshness.untilMs
    },
    async ask(viewer, source, reads = NO_REQUEST_READS) {
      const context = createRequestContext('request', viewer, reads, {} as Knowledge)
      context.plan = planOf(source)
      const { data, errors = [], extensions }: ExecutionResult = await execution.execute(context)
      return {
        ...(extensions && { extensions }),
        data: JSON.parse(JSON.stringify(data)),
        errors: errors.map(error => [(error.path ?? []).join('.'), gatewayErrorIn(error)?.code ?? error.message]),
      }
    },
  }
}

/** A resolver that counts its calls and gives a record with their number. */
export function counted(record: (context: FieldContext) => object = () => ({})) {
  let calls = 0
  const resolve: Resolve = (_self, _args, context) => {
    calls++
    return { id: 'r', value: String(calls), ...record(context) }
  }
  return { resolve, calls: () => calls }
}
