import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { documentIdOf } from '../../src/operations/planner.ts'
import { type Crowd, gatherCrowd } from '../support/crowd.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'

/**
 * Documents that are asked by their hash (Apollo's persisted queries). That a gateway knows a document, because somebody
 * asked its text, is nobody's business: by its hash it is known once a client has registered it, and not before.
 */
const RETAILER = 'sample-retailer'
const INTERNAL = 'sample-internal'
const NOT_FOUND = 'PERSISTED_QUERY_NOT_FOUND'

let gateway: DeclaredGateway
let crowd: Crowd
beforeAll(async () => {
  gateway = await startGateway()
  crowd = await gatherCrowd(gateway)
})
afterAll(async () => {
  await crowd?.close()
  await gateway?.close()
})

/** Another one for each test, so that none knows what another has asked. */
let query = ''
let documents = 0
beforeEach(() => {
  documents += 1
  query = `query Q${documents} { part(partNumber: "LR071050") { id description } }`
})

const headersOf = async (client: string) => ({
  authorization: await crowd.authorization(client),
  'content-type': 'application/json',
})
const extensionsOf = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: documentIdOf(text) } })

interface Outcome {
  readonly status: number
  readonly code: string | undefined
  readonly data: unknown
}

async function outcomeOf(response: Response): Promise<Outcome> {
  const { data, errors } = (await response.json()) as {
    readonly data?: unknown
    readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
  }
  return { status: response.status, code: errors?.[0]?.extensions.code, data }
}

async function post(client: string, body: object): Promise<Outcome> {
  const headers = await headersOf(client)
  return outcomeOf(await fetch(`${crowd.url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) }))
}

async function get(client: string, extensions: object): Promise<Outcome> {
  return getWith(client, { extensions: JSON.stringify(extensions) })
}

async function getWith(client: string, parameters: Readonly<Record<string, string>>): Promise<Outcome> {
  const url = `${crowd.url}/graphql?${new URLSearchParams(parameters)}`
  return outcomeOf(await fetch(url, { headers: await headersOf(client) }))
}

const byHash = (client: string) => post(client, { extensions: extensionsOf(query) })

describe('a document whose text was asked and that nobody registered', () => {
  test('is not found by its hash, whoever asks and however often', async () => {
    for (let asked = 0; asked < 3; asked += 1) {
      const { status, data } = await post(RETAILER, { query })
      expect([status, data]).toMatchObject([200, { part: {} }])
      for (const client of [RETAILER, INTERNAL]) {
        expect((await byHash(client)).code).toBe(NOT_FOUND)
        expect((await get(client, extensionsOf(query))).code).toBe(NOT_FOUND)
      }
    }
  })

  test('is found once it is registered, with the answer that its text has', async () => {
    const { data } = await post(RETAILER, { query })
    expect((await byHash(RETAILER)).code).toBe(NOT_FOUND)
    expect((await post(RETAILER, { query, extensions: extensionsOf(query) })).data).toEqual(data)
    for (let asked = 0; asked < 3; asked += 1)
      for (const client of [RETAILER, INTERNAL]) {
        expect(await byHash(client)).toEqual({ status: 200, code: undefined, data })
        expect(await get(client, extensionsOf(query))).toEqual({ status: 200, code: undefined, data })
      }
  })
})

describe('a registration that is refused registers nothing', () => {
  test('because the hash is of another text', async () => {
    await post(RETAILER, { query })
    const wrong = await post(RETAILER, { query: `${query} `, extensions: extensionsOf(query) })
    expect([wrong.status, wrong.code]).toEqual([400, 'BAD_REQUEST'])
    expect((await byHash(RETAILER)).code).toBe(NOT_FOUND)
  })

  test('because its client does not hold the scopes', async () => {
    query = '{ supplierPosition { oldestOpenInvoice { id } } }'
    const refused = await post(RETAILER, { query, extensions: extensionsOf(query) })
    expect([refused.status, refused.code]).toEqual([403, 'FORBIDDEN'])
    // Whoever holds them asks the text, and so it is known here.
    expect((await post('sample-supplier', { query })).status).toBe(200)
    expect((await byHash('sample-supplier')).code).toBe(NOT_FOUND)
  })
})

describe('an id that is in no manifest', () => {
  test.each(['documentId', 'doc_id', 'id'])('is not found as %s, by GET and by POST', async member => {
    const named = { [member]: `never-handed-in-${documents}` }
    for (const outcome of [await getWith(RETAILER, { ...named, variables: '{}' }), await post(RETAILER, named)])
      expect(outcome).toEqual({ status: 200, code: NOT_FOUND, data: undefined })
  })

  test('beside the text keeps nobody from asking', async () => {
    expect((await post(RETAILER, { query, documentId: 'never-handed-in' })).status).toBe(200)
  })

  test('beside a hash leaves the hash to be found or not', async () => {
    const asked = { documentId: 'never-handed-in', extensions: extensionsOf(query) }
    expect((await post(RETAILER, asked)).code).toBe(NOT_FOUND)
    await post(RETAILER, { query, extensions: extensionsOf(query) })
    expect((await post(RETAILER, asked)).data).toMatchObject({ part: {} })
  })

  test('costs what a document costs that is refused', async () => {
    const left = async () => {
      const answer = await fetch(`${crowd.url}/graphql?documentId=never`, { headers: await headersOf(INTERNAL) })
      return Number(/r=(\d+)/.exec(answer.headers.get('ratelimit') ?? '')?.[1])
    }
    const before = await left()
    expect(before - (await left())).toBe(50)
  })
})
