import { type GraphQLSchema, getDirectiveValues, isEnumType } from 'graphql'

/**
 * The published codes behind the schema's enum values, read from `@standardCode`: the SDL is the only place that pairs
 * them. Called by the composition root, for the resolvers' `statusCode` fields.
 */
export interface StandardCodes {
  /** The value's own code, the first that is listed; null: none is published. Throws `TypeError` for an unknown value. */
  codeOf(enumName: string, value: string): string | null
}

export function standardCodes(schema: GraphQLSchema): StandardCodes {
  const directive = schema.getDirective('standardCode')
  const codes = new Map<string, string | null>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isEnumType(type)) continue
    for (const { name, astNode } of type.getValues()) {
      // The first of several, which `getDirectiveValues` takes.
      const applied = directive && astNode ? getDirectiveValues(directive, astNode) : undefined
      codes.set(`${type.name}.${name}`, applied === undefined ? null : String(applied.code))
    }
  }
  return {
    codeOf(enumName, value) {
      const code = codes.get(`${enumName}.${value}`)
      if (code === undefined) throw new TypeError(`the schema has no enum value ${enumName}.${value}`)
      return code
    },
  }
}
