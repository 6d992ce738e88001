import {
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
} from 'graphql'
import { deepFreeze } from '../model/freeze.ts'
import { canonicalJson, keyOf } from '../model/key.ts'
import type { SystemKey } from '../model/system.ts'
import type { ViewerFact } from '../model/viewer.ts'
import type { Declarations, FieldDeclaration } from '../operations/declarations.ts'
import type { Gate } from '../systems/gate.ts'
import { type FieldContext, NO_READS, type RequestContext } from './context.ts'

/**
 * The guard around every field that has a resolver. It stands outside the field cache, so the gate is asked on every
 * hit as on every miss, before the value is fetched and again before it is handed on. It gives the resolver what its
 * field declares and nothing more, and makes the cache key from the same declaration.
 */
type Resolver = GraphQLFieldResolver<unknown, RequestContext>
type Arguments = Readonly<Record<string, unknown>>
type InnerResolver = (self: unknown, args: Arguments, context: FieldContext, info: GraphQLResolveInfo) => unknown

/**
 * The field cache walks the selection below a field, and nested inline fragments make that walk throw. Records are
 * whole whatever is selected, so every resolver is shown the same empty selection.
 */
const NO_SELECTION = { fieldNodes: [], operation: { operation: 'query' } } as unknown as GraphQLResolveInfo

/**
 * Makes every resolver's result immutable, because a record in a cache is shared by its readers. To be called before
 * the field cache wraps the resolvers.
 */
export function freezeResults(schema: GraphQLSchema): void {
  for (const { field, resolve } of resolvedFields(schema)) {
    replaceResolver(field, (self, args, context, info) => {
      const result = resolve(self, args, context, info)
      return result instanceof Promise ? result.then(deepFreeze) : deepFreeze(result)
    })
  }
}

/** Puts the guard around every resolver. To be called once, after the field cache has wrapped them. */
export function guardFields(schema: GraphQLSchema, declarations: Declarations, gate: Gate): void {
  const guarded = new Set<string>()
  for (const { coordinate, field, resolve, isRoot } of resolvedFields(schema)) {
    const declaration = declarations.get(coordinate)
    if (!declaration) throw new TypeError(`${coordinate} has a resolver and no declaration`)
    guarded.add(coordinate)
    const { system, partition } = declaration
    if (system !== null) field.resolve = systemField(declaration, system, isRoot, resolve, gate)
    else if (partition !== null) field.resolve = ownField(partition, resolve)
    else field.resolve = (self, args, context: RequestContext) => resolve(self, args, context.undeclared, NO_SELECTION)
  }
  guardSubscriptions(schema, declarations)
  for (const { coordinate, system } of declarations.values()) {
    // Without a resolver there is nothing to guard: what stands in the parent would be given whatever the gate says.
    if (system !== null && !guarded.has(coordinate))
      throw new TypeError(`${coordinate} reads ${system} and has no resolver`)
  }
}

/** A field of the gateway's own: it has the facts that it declares, and reads no restored system. */
function ownField(partition: readonly ViewerFact[], resolve: InnerResolver): Resolver {
  return (self, args, { viewerUnder, knowledge }) => {
    const { facts } = viewerUnder(partition)
    return resolve(self, args, { facts, reads: NO_READS, knowledge, cacheKey: null }, NO_SELECTION)
  }
}

/** What subscribes to events stands under the same rule as a resolver: it sees the facts that its field declares. */
function guardSubscriptions(schema: GraphQLSchema, declarations: Declarations): void {
  const type = schema.getSubscriptionType()
  for (const field of Object.values(type?.getFields() ?? {}) as GraphQLField<unknown, RequestContext>[]) {
    const coordinate = `${type?.name}.${field.name}`
    // As with resolvers: typed by the request's context, and given the field's.
    const subscribe = field.subscribe as unknown as InnerResolver | undefined
    if (!subscribe) throw new TypeError(`${coordinate} has nothing that subscribes to its events`)
    field.subscribe = ownField(declarations.get(coordinate)?.partition ?? NO_FACTS, subscribe)
  }
}

function systemField(
  declaration: FieldDeclaration,
  system: SystemKey,
  isRoot: boolean,
  resolve: InnerResolver,
  gate: Gate,
): Resolver {
  const { coordinate, maxAgeSeconds } = declaration
  return async (self, args, { viewer, reads, epochs, knowledge, viewerUnder }) => {
    const epoch = epochs.get(system) ?? gate.admit(system, viewer)
    epochs.set(system, epoch)
    gate.confirm(system, viewer, epoch)
    const { facts, partition } = viewerUnder(factsUnder(declaration, args))
    const record = isRoot ? '' : identityOf(self)
    const cacheKey =
      record === null || maxAgeSeconds === null
        ? null
        : keyOf(coordinate, record, canonicalJson(args), partition, epoch)
    const context = { facts, reads: reads[system], knowledge, cacheKey }
    const value = await resolve(self, args, context, NO_SELECTION)
    gate.confirm(system, viewer, epoch)
    return value
  }
}

const NO_FACTS: readonly ViewerFact[] = []

/** The facts that the field declares, and those that its given arguments add. */
function factsUnder({ partition, argumentPartition }: FieldDeclaration, args: Arguments): readonly ViewerFact[] {
  const declared = partition ?? NO_FACTS
  if (argumentPartition.size === 0) return declared
  const added = [...argumentPartition].flatMap(([name, facts]) => (args[name] == null ? [] : facts))
  return added.length > 0 ? [...new Set([...declared, ...added])] : declared
}

/** The identity of the record that a field belongs to; null: it has none, and its fields are not cached. */
function identityOf(self: unknown): string | null {
  const id = (self as { readonly id?: unknown } | null | undefined)?.id
  return typeof id === 'string' ? id : null
}

interface ResolvedField {
  readonly coordinate: string
  readonly field: GraphQLField<unknown, RequestContext>
  readonly resolve: InnerResolver
  readonly isRoot: boolean
}

function* resolvedFields(schema: GraphQLSchema): Iterable<ResolvedField> {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      if (!field.resolve) continue
      // graphql-js types a field by the request's context; the guard is what gives the resolver one of its own.
      const resolve = field.resolve as unknown as InnerResolver
      yield { coordinate: `${type.name}.${field.name}`, field, resolve, isRoot: type === schema.getQueryType() }
    }
  }
}

/** By one that still stands inside the guard, and so has the field's context. */
function replaceResolver(field: GraphQLField<unknown, RequestContext>, resolve: InnerResolver): void {
  field.resolve = resolve as unknown as Resolver
}
