import { type ASTNode, type DocumentNode, type GraphQLSchema, Kind, print, visit } from 'graphql'

/**
 * The schema as a subgraph: the SDL that a supergraph is composed of. It has the directives of federation alone; what the
 * gateway declares for itself of source, partition, freshness and cost means nothing to a router, and stays here.
 */

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@requiresScopes", "@shareable"])'
const SHARED_DIRECTIVES = new Set(['key', 'requiresScopes', 'shareable', 'deprecated', 'specifiedBy'])
/** What federation adds by itself, what only its own directives speak of, and streams, which end with a partner's rights. */
const OWN_TYPES = new Set(['_Any', '_Entity', '_Service', 'ViewerFact', 'Subscription'])

/** To be called before the guards stand around the root fields; does nothing where the schema is no subgraph. */
export function answerService(schema: GraphQLSchema): void {
  const field = schema.getQueryType()?.getFields()._service
  if (field === undefined) return
  const service = { sdl: subgraphSdl(schema) }
  field.resolve = () => service
}

export function subgraphSdl(schema: GraphQLSchema): string {
  const root = schema.getQueryType()
  const definitions = Object.values(schema.getTypeMap())
    .filter(({ name }) => !OWN_TYPES.has(name))
    // The root is extended by the two fields of federation only.
    .flatMap(type => [type.astNode, ...(type === root ? [] : type.extensionASTNodes)])
    .filter(node => node != null)
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions }
  const shared = visit<ASTNode>(document, {
    Directive: ({ name }) => (SHARED_DIRECTIVES.has(name.value) ? undefined : null),
  })
  return `${LINK}\n\n${print(shared)}\n`
}
