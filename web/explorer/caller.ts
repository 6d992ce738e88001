import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql'
import { askQuery } from './fetcher.ts'

/** Who asks in the explorer, and what of the schema it may see. */
export interface Caller {
  readonly partner: string
  readonly scopes: readonly string[]
  /** Null: it does not hold `schema:read`, or its partner asks trusted documents only. */
  readonly schema: GraphQLSchema | null
}

const WHO = 'query WhoAsks { viewer { partner { name } scopes } }'
const NEEDED = 'schema:read'

interface Answer<T> {
  readonly data?: T | null
  readonly errors?: readonly { readonly message: string }[]
}

/** Throws with the gateway's words where it does not answer the token. */
export async function callerOf(token: string): Promise<Caller> {
  const { viewer } = await dataOf<{
    readonly viewer: { readonly partner: { readonly name: string }; readonly scopes: readonly string[] }
  }>(WHO, token)
  const { partner, scopes } = viewer
  return { partner: partner.name, scopes, schema: scopes.includes(NEEDED) ? await schemaFor(token) : null }
}

async function schemaFor(token: string): Promise<GraphQLSchema | null> {
  try {
    const query = getIntrospectionQuery({ descriptions: true, schemaDescription: true })
    return buildClientSchema(await dataOf<IntrospectionQuery>(query, token))
  } catch {
    return null
  }
}

async function dataOf<T>(query: string, token: string): Promise<T> {
  const { data, errors } = (await askQuery({ query }, token)) as Answer<T>
  if (data == null) throw new Error(errors?.[0]?.message ?? 'The gateway gave no answer.')
  return data
}
