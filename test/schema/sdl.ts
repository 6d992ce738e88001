import { readdirSync, readFileSync } from 'node:fs'
import {
  buildSchema,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  valueFromASTUntyped,
} from 'graphql'

/** Reads the partner schema from its files for the tests of this folder, with graphql-js alone. */

const directory = new URL('../../schema/', import.meta.url)

export function readSchema(): GraphQLSchema {
  const files = readdirSync(directory).toSorted()
  return buildSchema(files.map(name => readFileSync(new URL(name, directory), 'utf8')).join('\n'))
}

/** Every type that the SDL defines: neither introspection's nor the specification's own. */
export const ownTypes = (schema: GraphQLSchema) => Object.values(schema.getTypeMap()).filter(type => type.astNode)

export interface FieldAt {
  readonly coordinate: string
  readonly type: GraphQLObjectType
  readonly field: GraphQLField<unknown, unknown>
}

export const fieldsOf = (schema: GraphQLSchema): readonly FieldAt[] =>
  ownTypes(schema)
    .filter(isObjectType)
    .flatMap(type =>
      Object.values(type.getFields()).map(field => ({ coordinate: `${type.name}.${field.name}`, type, field })),
    )

type Declared = { readonly directives?: readonly ConstDirectiveNode[] } | null | undefined

/** The arguments of each application of a directive, as written. */
export const applied = (node: Declared, name: string): readonly Readonly<Record<string, unknown>>[] =>
  (node?.directives ?? [])
    .filter(directive => directive.name.value === name)
    .map(directive =>
      Object.fromEntries(
        (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
      ),
    )
