import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
  Kind,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql'
import type { SystemKey } from '../model/system.ts'
import type { ViewerFact } from '../model/viewer.ts'
import { type Cost, type CostLimits, sizeOf, type Variables } from './cost.ts'
import type { Declarations, FieldDeclaration } from './declarations.ts'
import { typesTaken } from './entities.ts'

/**
 * The one pass over an operation: folds the declarations of all its fields into what the plan says. Called by
 * `plan.ts` on a valid document. Fields under `@include` and `@skip` count as asked for: rights do not depend on variables.
 */
export interface Fold {
  /** Every field that requires scopes. */
  readonly guarded: readonly FieldDeclaration[]
  readonly systems: ReadonlySet<SystemKey>
  /** The same of each root field with all that is below it, by its key in the answer. */
  readonly systemsUnder: ReadonlyMap<string, ReadonlySet<SystemKey>>
  /** The types of which each root field that takes keys of entities may give any, by its key in the answer. */
  readonly entitiesUnder: ReadonlyMap<string, ReadonlySet<string>>
  /** Every fact about the viewer that the answer depends on. */
  readonly partition: ReadonlySet<ViewerFact>
  /** Whether a root field is the gateway's own: it tells of the restart, or of the caller. */
  readonly readsRestart: boolean
  /** The least `maxAge` of all fields; root fields and readers of a system that declare none have 0. Null: nothing has one. */
  readonly maxAgeSeconds: number | null
  readonly cost: Cost
}

/** A sliced connection counts its size for the fields that hold its entries, one level below it. */
interface Sized {
  readonly id: number
  readonly fields: ReadonlySet<string>
  readonly size: (variables: Variables) => number
}

interface FoldedFragment {
  readonly cost: Cost
  readonly systems: ReadonlySet<SystemKey>
}

/** The fields of introspection, which stand in no type. */
const META_FIELDS = new Map([SchemaMetaFieldDef, TypeMetaFieldDef].map(field => [field.name, field]))

export function foldOperation(
  schema: GraphQLSchema,
  declarations: Declarations,
  limits: CostLimits,
  root: GraphQLCompositeType,
  selections: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Fold {
  const guarded = new Map<string, FieldDeclaration>()
  // Of the part of the operation that is being folded.
  let systems = new Set<SystemKey>()
  const systemsUnder = new Map<string, ReadonlySet<SystemKey>>()
  const entitiesUnder = new Map<string, ReadonlySet<string>>()
  const partition = new Set<ViewerFact>()
  let maxAgeSeconds: number | null = null
  let readsRestart = false
  const folded = new Map<string, FoldedFragment>()
  let sizedCount = 0

  function collect(declaration: FieldDeclaration, given: readonly string[]): void {
    if (declaration.requirements.length > 0) guarded.set(declaration.coordinate, declaration)
    if (declaration.system !== null) systems.add(declaration.system)
    for (const fact of declaration.partition ?? []) partition.add(fact)
    for (const name of given) for (const fact of declaration.argumentPartition.get(name) ?? []) partition.add(fact)
    // What reads a system and does not say how long its answer keeps is not kept.
    const maxAge = declaration.maxAgeSeconds ?? (declaration.system === null ? Infinity : 0)
    if (maxAge < Infinity) maxAgeSeconds = Math.min(maxAgeSeconds ?? Infinity, maxAge)
  }

  /** Of a root field that reads no system: where it says nothing of its time, its answer is not kept. */
  function collectOwn({ maxAgeSeconds: declared }: FieldDeclaration): void {
    readsRestart = true
    maxAgeSeconds = Math.min(maxAgeSeconds ?? Infinity, declared ?? 0)
  }

  /** What `fold` gives, and the systems that it met. */
  function meeting<T>(fold: () => T): readonly [T, ReadonlySet<SystemKey>] {
    const others = systems
    systems = new Set()
    const result = fold()
    const met = systems
    systems = new Set([...others, ...met])
    return [result, met]
  }

  function costOfRootField(node: FieldNode): Cost {
    const key = node.alias?.value ?? node.name.value
    const [cost, met] = meeting(() => costOfField(root, node, null))
    const declared = declarations.get(`${root.name}.${node.name.value}`)
    if (declared?.system === null && declared.entities === undefined) collectOwn(declared)
    systemsUnder.set(key, new Set([...met, ...(systemsUnder.get(key) ?? [])]))
    return cost
  }

  /** An entity is what a root field answers to its key: it stands under all that is declared of that field. */
  function weightOfEntities(on: GraphQLCompositeType, node: FieldNode, { entities }: FieldDeclaration): number {
    if (entities === undefined || node.selectionSet === undefined) return 0
    const taken = typesTaken(schema, on, node.selectionSet, fragments)
    const lookups = [...entities].filter(([type]) => taken.has(type))
    const key = node.alias?.value ?? node.name.value
    entitiesUnder.set(key, new Set([...(entitiesUnder.get(key) ?? []), ...lookups.map(([type]) => type)]))
    return lookups.reduce((sum, [, lookup]) => {
      const declaration = declarations.get(lookup.coordinate)
      if (declaration === undefined) return sum
      collect(declaration, lookup.key)
      if (declaration.system === null) collectOwn(declaration)
      return sum + declaration.weight
    }, 0)
  }

  function costOfField(type: GraphQLCompositeType, node: FieldNode, sized: Sized | null): Cost {
    const name = node.name.value
    const owners = isAbstractType(type) ? schema.getPossibleTypes(type) : [type]
    const declared = owners.flatMap(owner => declarations.get(`${owner.name}.${name}`) ?? [])
    const given = (node.arguments ?? []).map(argument => argument.name.value)
    for (const declaration of declared) collect(declaration, given)
    const [declaration] = declared
    if (!declaration) return () => 0

    const definition = isUnionType(type) ? undefined : (META_FIELDS.get(name) ?? type.getFields()[name])
    const defaults = new Map((definition?.args ?? []).map(argument => [argument.name, argument.defaultValue]))
    const size = sizeOf(declaration, node, defaults, limits)
    const below = definition && getNamedType(definition.type)
    const isSliced = (declaration.listSize?.sizedFields.length ?? 0) > 0
    const counts = isSliced ? { id: ++sizedCount, fields: new Set(declaration.listSize?.sizedFields), size } : null
    const inner = isCompositeType(below) && node.selectionSet ? costOfSet(below, node.selectionSet, counts) : () => 0
    const each = isCompositeType(below) ? weightOfEntities(below, node, declaration) : 0
    const inherited = sized?.fields.has(name) ? sized.size : null
    return (variables, memo) => {
      // Asked for in any case: it refuses sizes that are out of bounds, whatever is selected.
      const asked = size(variables)
      const times = inherited ? inherited(variables) : isSliced ? 1 : asked
      return declaration.weight + times * (each + inner(variables, memo))
    }
  }

  function costOfSet(type: GraphQLCompositeType, set: SelectionSetNode, sized: Sized | null): Cost {
    const costs = set.selections.map((selection): Cost => {
      if (selection.kind === Kind.FIELD)
        return type === root ? costOfRootField(selection) : costOfField(type, selection, sized)
      if (selection.kind === Kind.FRAGMENT_SPREAD) return costOfFragment(selection.name.value, sized)
      const on = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : type
      return costOfSet(isCompositeType(on) ? on : type, selection.selectionSet, sized)
    })
    return (variables, memo) => {
      const sum = costs.reduce((total, cost) => total + cost(variables, memo), 0)
      return Math.min(sum, Number.MAX_SAFE_INTEGER)
    }
  }

  /** A fragment is folded, and later evaluated, once for each list that sizes it: spreads in spreads stay linear. */
  function costOfFragment(name: string, sized: Sized | null): Cost {
    const place = `${sized?.id ?? 0}/${name}`
    const known = folded.get(place)
    if (known) {
      for (const system of known.systems) systems.add(system)
      return known.cost
    }
    const fragment = fragments.get(name)
    const on = fragment && schema.getType(fragment.typeCondition.name.value)
    const [cost, met] = meeting(() =>
      fragment && isCompositeType(on) ? costOfSet(on, fragment.selectionSet, sized) : () => 0,
    )
    const remembered: Cost = (variables, memo) => {
      const value = memo.get(place) ?? cost(variables, memo)
      memo.set(place, value)
      return value
    }
    folded.set(place, { cost: remembered, systems: met })
    return remembered
  }

  const cost = costOfSet(root, selections, null)
  return {
    guarded: [...guarded.values()],
    systems,
    systemsUnder,
    entitiesUnder,
    partition,
    readsRestart,
    maxAgeSeconds,
    cost,
  }
}
