import {
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isUnionType,
  Kind,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql'

/**
 * The entities of GraphQL federation, where the schema has them: read from the SDL once, at start. An entity that is asked
 * for by its key is what a root field answers to that key, and so needs its scopes, depends on its facts and costs the same.
 */
export interface EntityLookup {
  /** The root field that gives the entity, and takes the members of its key as arguments. */
  readonly field: string
  /** `Query.field` */
  readonly coordinate: string
  readonly key: readonly string[]
}

/** By the name of the entity's type. */
export type EntityLookups = ReadonlyMap<string, EntityLookup>

/** The root field of federation that takes keys, and the union that it gives. */
export const ENTITIES_FIELD = '_entities'
const ENTITY_UNION = '_Entity'

/** Throws `TypeError` where the union and the keys do not agree, or no root field takes a key. */
export function entityLookups(schema: GraphQLSchema): EntityLookups {
  const union = schema.getType(ENTITY_UNION)
  const members = isUnionType(union) ? union.getTypes().map(({ name }) => name) : []
  const lookups = new Map<string, EntityLookup>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const key of resolvableKeys(type)) {
      if (lookups.has(type.name)) throw new TypeError(`${type.name} has several keys that it is asked for by`)
      lookups.set(type.name, lookupBy(schema, type, key))
    }
  }
  const named = [...lookups.keys()]
  if (named.toSorted().join() !== members.toSorted().join())
    throw new TypeError(`${ENTITY_UNION} is of ${members.join(', ')}; keys have ${named.join(', ')}`)
  return lookups
}

/** The members of each key by which others may ask; one that is not resolvable only says how the type is known to them. */
function resolvableKeys({ astNode, extensionASTNodes }: GraphQLObjectType): readonly (readonly string[])[] {
  return [astNode, ...extensionASTNodes]
    .flatMap(node => node?.directives ?? [])
    .filter(({ name }) => name.value === 'key')
    .map(({ arguments: given = [] }) =>
      Object.fromEntries(given.map(({ name, value }) => [name.value, valueFromASTUntyped(value)])),
    )
    .filter(({ resolvable }) => resolvable !== false)
    .map(({ fields }) => String(fields).split(/\s+/))
}

function lookupBy(schema: GraphQLSchema, type: GraphQLObjectType, key: readonly string[]): EntityLookup {
  const root = schema.getQueryType()
  const found = Object.values(root?.getFields() ?? {}).filter(
    field =>
      getNullableType(field.type) === type &&
      field.args
        .map(({ name }) => name)
        .toSorted()
        .join() === key.toSorted().join(),
  )
  const [field] = found
  if (field === undefined || found.length > 1)
    throw new TypeError(`${type.name} is asked for by ${key.join(' and ')}, which ${found.length} root fields take`)
  return { field: field.name, coordinate: `${root?.name}.${field.name}`, key }
}

/**
 * The object types of which a selection takes something: a field of theirs, or anything under their own name. `__typename`
 * on what is not an object type takes nothing.
 */
export function typesTaken(
  schema: GraphQLSchema,
  on: GraphQLCompositeType,
  selections: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): ReadonlySet<string> {
  const taken = new Set<string>()
  const met = new Set<string>()

  function take(possible: readonly string[], isNamed: boolean, set: SelectionSetNode): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        if (isNamed || selection.name.value !== '__typename') for (const type of possible) taken.add(type)
        continue
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
      const condition = fragment?.typeCondition?.name.value
      const type = condition === undefined ? undefined : schema.getType(condition)
      const within = isCompositeType(type) ? possible.filter(name => objectsIn(schema, type).includes(name)) : possible
      if (fragment === undefined) continue
      // What stands under a type's own name stays there, whatever interface it passes through.
      const isNamedWithin = isNamed || isObjectType(type)
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        // Spreads in spreads double: what has been seen for these types is not looked at again.
        const place = `${selection.name.value} ${isNamedWithin} ${within.join()}`
        if (met.has(place)) continue
        met.add(place)
      }
      take(within, isNamedWithin, fragment.selectionSet)
    }
  }

  take(objectsIn(schema, on), isObjectType(on), selections)
  return taken
}

function objectsIn(schema: GraphQLSchema, type: GraphQLCompositeType): readonly string[] {
  return (isAbstractType(type) ? schema.getPossibleTypes(type) : [type]).map(({ name }) => name)
}
