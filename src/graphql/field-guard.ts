import type { GraphQLFieldResolver, GraphQLResolveInfo, GraphQLSchema } from 'graphql'
import { canonicalJson, keyOf } from '../model/key.ts'
import type { SystemKey } from '../model/system.ts'
import type { ViewerFact } from '../model/viewer.ts'
import type { Declarations, FieldDeclaration } from '../operations/declarations.ts'
import type { Gate } from '../systems/gate.ts'
import type { FieldContext, LastKnownReads, OperationContext, PreparedField } from './context.ts'
import { boxed, freshUntilMs, type KeptValue, keptUntilMs } from './kept-value.ts'
import { type InnerResolver, replaceResolver, resolvedFields } from './resolved-fields.ts'

/**
 * The guard around every field that has a resolver. It stands outside the field cache, so the gate is asked on every
 * hit as on every miss, before the value is fetched and again before it is handed on. It gives the resolver what its
 * field declares and nothing more, makes the cache key from the same declaration, and counts until when the answer is fresh.
 */
type Resolver = GraphQLFieldResolver<unknown, OperationContext>
type Arguments = Readonly<Record<string, unknown>>

/**
 * The field cache walks the selection below a field, and nested inline fragments make that walk throw. Records are
 * whole whatever is selected, so every resolver is shown the same empty selection.
 */
const NO_SELECTION = { fieldNodes: [], operation: { operation: 'query' } } as unknown as GraphQLResolveInfo

/**
 * Makes what the fields of these coordinates give immutable, because a value in a cache is shared by its readers, and puts
 * the time beside it. To be called before the field cache wraps the resolvers.
 */
export function boxResults(schema: GraphQLSchema, kept: ReadonlySet<string>): void {
  for (const { coordinate, field, resolve } of resolvedFields(schema)) {
    if (!kept.has(coordinate)) continue
    replaceResolver(field, (self, args, context, info) => {
      const result = resolve(self, args, context, info)
      const { beganAtMs, lastKnown } = context
      return result instanceof Promise
        ? result.then(value => boxed(value, beganAtMs, lastKnown.atMs))
        : boxed(result, beganAtMs, lastKnown.atMs)
    })
  }
}

/**
 * Puts the guard around every resolver. To be called once, after the field cache has wrapped them; `kept` are the fields
 * whose values come boxed.
 */
export function guardFields(
  schema: GraphQLSchema,
  declarations: Declarations,
  gate: Gate,
  kept: ReadonlySet<string>,
): void {
  const guarded = new Set<string>()
  for (const { coordinate, field, resolve, isRoot } of resolvedFields(schema)) {
    const declaration = declarations.get(coordinate)
    if (!declaration) throw new TypeError(`${coordinate} has a resolver and no declaration`)
    guarded.add(coordinate)
    const { system } = declaration
    const isKept = kept.has(coordinate)
    const place = { declaration, isRoot, isKept, hasArguments: field.args.length > 0, keyPrefixes: new Map() }
    field.resolve = system === null ? ownField(declaration, isRoot, resolve) : systemField(place, system, resolve, gate)
  }
  guardSubscriptions(schema, declarations)
  for (const { coordinate, system } of declarations.values()) {
    // Without a resolver there is nothing to guard: what stands in the parent would be given whatever the gate says.
    if (system !== null && !guarded.has(coordinate))
      throw new TypeError(`${coordinate} reads ${system} and has no resolver`)
  }
}

/** A field of the gateway's own: it has the facts that it declares, and reads no restored system. */
function ownField({ partition, maxAgeSeconds }: FieldDeclaration, isRoot: boolean, resolve: InnerResolver): Resolver {
  const given: Resolver =
    partition === null
      ? (self, args, { undeclared }) => resolve(self, args, undeclared, NO_SELECTION)
      : (self, args, { viewerUnder, undeclared }) =>
          resolve(self, args, { ...undeclared, facts: viewerUnder(partition).facts }, NO_SELECTION)
  // Below the root, what says nothing of its time is as fresh as what it belongs to.
  if (maxAgeSeconds === null && !isRoot) return given
  return (self, args, operation, info) => {
    const { beganAtMs, freshness } = operation
    const untilMs = maxAgeSeconds === null || maxAgeSeconds === 0 ? 0 : beganAtMs + maxAgeSeconds * 1_000
    freshness.untilMs = Math.min(freshness.untilMs, untilMs)
    return given(self, args, operation, info)
  }
}

/** What subscribes to events stands under the same rule as a resolver: it sees the facts that its field declares. */
function guardSubscriptions(schema: GraphQLSchema, declarations: Declarations): void {
  const type = schema.getSubscriptionType()
  for (const field of Object.values(type?.getFields() ?? {})) {
    const coordinate = `${type?.name}.${field.name}`
    // As with resolvers: typed by the operation's context, and given the field's.
    const subscribe = field.subscribe as unknown as InnerResolver | undefined
    if (!subscribe) throw new TypeError(`${coordinate} has nothing that subscribes to its events`)
    const facts = declarations.get(coordinate)?.partition ?? NO_FACTS
    field.subscribe = (self, args, { viewerUnder, undeclared }: OperationContext) =>
      subscribe(self, args, { ...undeclared, facts: viewerUnder(facts).facts }, NO_SELECTION)
  }
}

interface GuardedField {
  readonly declaration: FieldDeclaration
  readonly isRoot: boolean
  readonly isKept: boolean
  readonly hasArguments: boolean
  /** Made before, by partition and epoch. */
  readonly keyPrefixes: Map<string, string>
}

function systemField(place: GuardedField, system: SystemKey, resolve: InnerResolver, gate: Gate): Resolver {
  const { declaration, isKept } = place
  const maxAgeSeconds = declaration.maxAgeSeconds ?? 0

  function handOn(given: unknown, operation: OperationContext, epoch: string): unknown {
    const { viewer, freshness, beganAtMs } = operation
    gate.confirm(system, viewer, epoch)
    if (!isKept) {
      const untilMs = maxAgeSeconds === 0 ? 0 : freshUntilMs(given, beganAtMs, maxAgeSeconds)
      if (untilMs < freshness.untilMs) freshness.untilMs = untilMs
      return given
    }
    const kept = given as KeptValue
    const untilMs = keptUntilMs(kept, maxAgeSeconds)
    if (untilMs < freshness.untilMs) freshness.untilMs = untilMs
    // It may have been read by another operation, whose flight this one joined.
    if (kept.lastKnownAtMs !== null) noteLastKnown(operation, system, kept.lastKnownAtMs)
    return kept.value
  }

  return (self, args, operation) => {
    const { viewer, epochs } = operation
    let epoch = epochs.get(system)
    if (epoch === undefined) {
      epoch = gate.admit(system, viewer)
      epochs.set(system, epoch)
    } else gate.confirm(system, viewer, epoch)
    const met = epoch
    const given = resolve(self, args, contextOf(place, system, met, self, args, operation), NO_SELECTION)
    // What is there at once is given at once: a promise for each field of each record is most of what it would cost.
    return given instanceof Promise ? given.then(value => handOn(value, operation, met)) : handOn(given, operation, met)
  }
}

function contextOf(
  place: GuardedField,
  system: SystemKey,
  epoch: string,
  self: unknown,
  args: Arguments,
  operation: OperationContext,
): FieldContext {
  const { context, keyPrefix } = preparedField(place, system, epoch, args, operation)
  if (!place.isKept) return context
  const record = place.isRoot ? '' : identityOf(self)
  if (record === null) return context
  const { facts, reads, knowledge, beganAtMs, lastKnown } = context
  // All of fixed length but the record: no arguments and no record can imitate others.
  const cacheKey = place.hasArguments ? keyPrefix + keyOf(canonicalJson(args)) + record : keyPrefix + record
  return { facts, reads, knowledge, cacheKey, beganAtMs, lastKnown }
}

/** What is the same for every record: worked out once for each field of an operation. */
function preparedField(
  place: GuardedField,
  system: SystemKey,
  epoch: string,
  args: Arguments,
  operation: OperationContext,
): PreparedField {
  const { declaration, isKept } = place
  const known = operation.prepared.get(declaration)
  if (known !== undefined) return known
  const { reads, undeclared, viewerUnder } = operation
  const under = viewerUnder(factsUnder(declaration, args))
  const { lastKnownGoodSeconds } = declaration
  const source = {
    system,
    lastKnownGoodSeconds,
    onLastKnown: (atMs: number) => noteLastKnown(operation, system, atMs),
  }
  const lastKnown = lastKnownOf(operation, system)
  const context = { ...undeclared, facts: under.facts, reads: reads.of(source), lastKnown }
  const made = { context, keyPrefix: isKept ? keyPrefixOf(place, under.partition, epoch) : '' }
  // Where arguments add facts, the same field with others may have other facts.
  if (declaration.argumentPartition.size === 0) operation.prepared.set(declaration, made)
  return made
}

/**
 * Of the whole operation, and not of one field: what a field makes may come from its record, or from what another field has
 * read for both. So some of what is fresh is not kept; nothing that is not fresh is.
 */
function lastKnownOf({ lastKnown }: OperationContext, system: SystemKey): LastKnownReads {
  return {
    get atMs() {
      return lastKnown.get(system) ?? null
    },
  }
}

/** An answer with what a system gave last is marked, and is never fresh. */
function noteLastKnown({ lastKnown, freshness }: OperationContext, system: SystemKey, atMs: number): void {
  lastKnown.set(system, Math.min(lastKnown.get(system) ?? atMs, atMs))
  freshness.untilMs = 0
}

/** More than there are partitions of viewers at a time; what each of a crowd has alone is cheap to make again. */
const MOST_PREFIXES = 1_000

function keyPrefixOf({ declaration, keyPrefixes }: GuardedField, partition: string, epoch: string): string {
  const name = `${epoch.length}:${epoch}${partition}`
  let prefix = keyPrefixes.get(name)
  if (prefix === undefined) {
    if (keyPrefixes.size >= MOST_PREFIXES) keyPrefixes.clear()
    prefix = keyOf(declaration.coordinate, partition, epoch)
    keyPrefixes.set(name, prefix)
  }
  return prefix
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
