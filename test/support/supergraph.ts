import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type FederationSubschemaConfig, getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation'
import { composeServices } from '@theguild/federation-composition'
import { buildASTSchema, type ExecutionResult, execute, type GraphQLSchema, parse, print, visit } from 'graphql'
import { createHandler } from 'graphql-http/lib/use/http'

/** Other people's side of a federation: another subgraph, the composition of both, and a router that asks them over HTTP. */
export interface Subgraph {
  readonly sdl: string
  readonly url: string
  close(): Promise<void>
}

type Entity = Readonly<Record<string, unknown>>

/** A GraphQL server that answers its root fields with `root`, and each representation by its type's function. */
export async function startSubgraph(
  sdl: string,
  root: Entity,
  entities: Readonly<Record<string, (representation: Entity) => Entity>>,
): Promise<Subgraph> {
  const rootValue = {
    ...root,
    _entities: ({ representations }: { readonly representations: readonly (Entity & { __typename: string })[] }) =>
      representations.map(one => ({ __typename: one.__typename, ...entities[one.__typename]?.(one) })),
  }
  const server = createServer(createHandler({ schema: withEntities(sdl, Object.keys(entities)), rootValue }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    sdl,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}

/** What the directives of federation stand for, written out. */
function withEntities(sdl: string, types: readonly string[]): GraphQLSchema {
  const own = visit(parse(sdl), { SchemaExtension: () => null, Directive: () => null })
  return buildASTSchema(
    parse(`${print(own)}
      scalar _Any
      union _Entity = ${types.join(' | ')}
      extend type Query { _entities(representations: [_Any!]!): [_Entity]! }
    `),
  )
}

/** The schema of a router over these subgraphs; throws where they do not compose. */
export function composed(
  subgraphs: readonly { readonly name: string; readonly sdl: string; readonly url: string }[],
): GraphQLSchema {
  const { supergraphSdl, errors } = composeServices(
    subgraphs.map(({ name, sdl, url }) => ({ name, typeDefs: parse(sdl), url })),
  )
  if (supergraphSdl === undefined) throw new AggregateError(errors ?? [], 'the subgraphs do not compose')
  return getStitchedSchemaFromSupergraphSdl({
    supergraphSdl,
    onSubschemaConfig(subgraph) {
      subgraph.executor = executorOf(subgraph.endpoint)
    },
  })
}

/** As a router does it: the caller's own token goes to every subgraph. */
function executorOf(url: string): FederationSubschemaConfig['executor'] {
  return async ({ document, variables, context }) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: context?.authorization },
      body: JSON.stringify({ query: print(document), variables }),
    })
    // Whatever each caller of it takes it for.
    return (await response.json()) as never
  }
}

export async function executed(schema: GraphQLSchema, query: string, authorization: string): Promise<ExecutionResult> {
  return execute({ schema, document: parse(query), contextValue: { authorization } })
}
