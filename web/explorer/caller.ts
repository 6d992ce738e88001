import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql'
import { dataIn } from '../page/live/graph-answer.ts'
import { type Asker, postQuery } from './fetcher.ts'

/** Who asks in the explorer, and what of the schema it may see. */
export interface Caller {
  readonly partner: string
  readonly scopes: readonly string[]
  /** Null: it does not hold `schema:read`, or its partner asks trusted documents only. */
  readonly schema: GraphQLSchema | null
}

const WHO = 'query WhoAsks { viewer { partner { name } scopes } }'
const NEEDED = 'schema:read'

/** Throws with the gateway's words: `TokenRefused` where it is the token that it does not accept. */
export async function callerOf(asker: Asker): Promise<Caller> {
  const { viewer } = await dataOf<{
    readonly viewer: { readonly partner: { readonly name: string }; readonly scopes: readonly string[] }
  }>(WHO, asker)
  const { partner, scopes } = viewer
  return { partner: partner.name, scopes, schema: scopes.includes(NEEDED) ? await schemaFor(asker) : null }
}

async function schemaFor(asker: Asker): Promise<GraphQLSchema | null> {
  try {
    const query = getIntrospectionQuery({ descriptions: true, schemaDescription: true })
    return buildClientSchema(await dataOf<IntrospectionQuery>(query, asker))
  } catch {
    return null
  }
}

async function dataOf<T>(query: string, asker: Asker): Promise<T> {
  return dataIn(await postQuery({ query }, asker))
}
