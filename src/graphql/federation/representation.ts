import { BREAK, GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped, visit } from 'graphql'

/**
 * The scalar `_Any` of GraphQL federation: a record as another subgraph knows it. Of one level, because every key here is:
 * what would nest is refused where it comes in.
 */
export type Representation = Readonly<Record<string, string | number | boolean | null>> & {
  readonly __typename: string
}

export const representation = new GraphQLScalarType<Representation, never>({
  name: '_Any',
  serialize() {
    throw new TypeError('a representation is never given')
  },
  parseValue: value => read(value),
  parseLiteral(node) {
    if (hasVariable(node)) throw refusal('a variable inside; let the whole list be one', node)
    return read(valueFromASTUntyped(node), node)
  },
})

function read(value: unknown, node?: ValueNode): Representation {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refusal(Array.isArray(value) ? 'a list' : value === null ? 'null' : `a value of type ${typeof value}`, node)
  const { __typename } = value as { readonly __typename?: unknown }
  if (typeof __typename !== 'string') throw refusal('one without __typename', node)
  if (Object.values(value).some(member => typeof member === 'object' && member !== null))
    throw refusal('one with lists or objects inside', node)
  return value as Representation
}

function refusal(given: string, node?: ValueNode): GraphQLError {
  const message = `A representation is an object with __typename and the members of a key; got ${given}.`
  return new GraphQLError(message, node ? { nodes: node } : {})
}

function hasVariable(node: ValueNode): boolean {
  let found = false
  visit(node, {
    [Kind.VARIABLE]() {
      found = true
      return BREAK
    },
  })
  return found
}
