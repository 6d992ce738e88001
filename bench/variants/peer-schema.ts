import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  buildASTSchema,
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type DirectiveNode,
  type DocumentNode,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
  isScalarType,
  Kind,
  parse,
  visit,
} from 'graphql'
import { resolvers } from '../../resolvers/index.ts'
import { SCALARS } from '../../src/graphql/scalars.ts'
import type { PeerContext } from './peer-context.ts'

/**
 * The partner schema as a peer serves it: the same types, resolvers and scalars without the gateway's guard, and the same
 * ages in the words of Apollo's cache control. Every answer is its partner's own: PRIVATE.
 */
const SCHEMA_DIRECTORY = fileURLToPath(new URL('../../schema/', import.meta.url))
const ROOT = 'Query'

/** As Apollo Server documents it; Yoga reads the same. */
const CACHE_CONTROL = parse(`
  enum CacheControlScope { PUBLIC PRIVATE }
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
`)

export async function loadPeerSchema(): Promise<GraphQLSchema> {
  const files = (await readdir(SCHEMA_DIRECTORY)).filter(name => name.endsWith('.graphql')).toSorted()
  const parts = await Promise.all(files.map(name => readFile(join(SCHEMA_DIRECTORY, name), 'utf8')))
  const schema = buildASTSchema(withCacheControl(parse(parts.join('\n'), { noLocation: true })))
  for (const type of Object.values(schema.getTypeMap())) {
    const scalar = SCALARS[type.name]
    if (isScalarType(type) && scalar)
      Object.assign(type, {
        serialize: scalar.serialize,
        parseValue: scalar.parseValue,
        parseLiteral: scalar.parseLiteral,
      })
    if (!isObjectType(type) || type === schema.getSubscriptionType()) continue
    const own = (resolvers as Readonly<Record<string, object | undefined>>)[type.name] ?? {}
    const fields = type.getFields()
    for (const [name, resolve] of Object.entries(own))
      Object.assign(fields[name] ?? {}, { resolve: resolve as GraphQLFieldResolver<unknown, PeerContext> })
  }
  return schema
}

/** What a field's maxAge is, by its coordinate, in seconds: only fields that a resolver answers. */
export function agesOf(schema: GraphQLSchema): ReadonlyMap<string, number> {
  const ages = new Map<string, number>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const directive = field.astNode?.directives?.find(({ name }) => name.value === 'cacheControl')
      const maxAge = directive?.arguments?.find(({ name }) => name.value === 'maxAge')?.value
      if (field.resolve && maxAge?.kind === Kind.INT) ages.set(`${type.name}.${field.name}`, Number(maxAge.value))
    }
  }
  return ages
}

function withCacheControl(document: DocumentNode): DocumentNode {
  const definitions = document.definitions.filter(
    definition => definition.kind !== Kind.DIRECTIVE_DEFINITION || definition.name.value !== 'cacheControl',
  )
  return visit(
    { ...document, definitions: [...definitions, ...CACHE_CONTROL.definitions] },
    {
      Directive: node =>
        isCacheControl(node) ? { ...node, arguments: [...(node.arguments ?? []), PRIVATE] } : undefined,
      // Without this a record in an answer makes the whole of it uncacheable.
      ObjectTypeDefinition: node =>
        node.name.value === ROOT || node.directives?.some(isCacheControl)
          ? undefined
          : { ...node, directives: [...(node.directives ?? []), INHERITED] },
    },
  )
}

const isCacheControl = ({ name }: DirectiveNode): boolean => name.value === 'cacheControl'

const PRIVATE: ConstArgumentNode = {
  kind: Kind.ARGUMENT,
  name: { kind: Kind.NAME, value: 'scope' },
  value: { kind: Kind.ENUM, value: 'PRIVATE' },
}

const INHERITED: ConstDirectiveNode = {
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: 'cacheControl' },
  arguments: [
    {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: 'inheritMaxAge' },
      value: { kind: Kind.BOOLEAN, value: true },
    },
  ],
}
