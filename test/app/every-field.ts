import { type GraphQLObjectType, type GraphQLSchema, getNamedType, isObjectType } from 'graphql'

/** A selection of all fields of a type, down to where a type would come again below itself, each object with its name. */
function everyField(type: GraphQLObjectType, above: readonly string[] = []): string {
  const path = [...above, type.name]
  const fields = Object.values(type.getFields()).flatMap(field => {
    const named = getNamedType(field.type)
    if (!isObjectType(named)) return [field.name]
    return path.includes(named.name) ? [] : [`${field.name} ${everyField(named, path)}`]
  })
  return `{ __typename ${fields.join(' ')} }`
}

/** A question for one root field, as `part(partNumber: "…")`, with everything below it. */
export function questionOfEverything(schema: GraphQLSchema, root: string): string {
  const name = root.replace(/\(.*/s, '')
  const field = schema.getQueryType()?.getFields()[name]
  const type = field && getNamedType(field.type)
  if (!isObjectType(type)) throw new Error(`${name} is no root field with fields of its own`)
  return `{ ${root} ${everyField(type)} }`
}

/** Every object type that a selection from these types on can come to. */
export function typesBelow(types: readonly GraphQLObjectType[], found = new Set<string>()): ReadonlySet<string> {
  for (const type of types) {
    if (found.has(type.name)) continue
    found.add(type.name)
    typesBelow(
      Object.values(type.getFields())
        .map(field => getNamedType(field.type))
        .filter(isObjectType),
      found,
    )
  }
  return found
}
