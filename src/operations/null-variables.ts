import { type DocumentNode, type GraphQLSchema, isNonNullType, TypeInfo, visit, visitWithTypeInfo } from 'graphql'

/**
 * The variables of an operation that stand where null may not. A variable that may be null is valid there as long as
 * one of the two has a default, and a client that then sends null is refused by the plan, not by a field that fails.
 */
export function neverNullVariables(schema: GraphQLSchema, document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>()
  const types = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(types, {
      Variable(node) {
        if (isNonNullType(types.getInputType())) names.add(node.name.value)
      },
    }),
  )
  return names
}
