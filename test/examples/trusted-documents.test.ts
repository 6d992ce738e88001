import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readSamplePartners } from '../../demo/sample-partners.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { type ExampleRun, runExample } from './running.ts'

/** The TypeScript examples with the manifest that is generated for them: before a gateway that answers nothing else, and one that has never seen it. */

const MANIFEST = fileURLToPath(new URL('../../examples/typescript/generated/persisted-documents.json', import.meta.url))
const RETAILER = 'examples/typescript/src/retailer-with-apollo.ts'
const INTERNAL = 'examples/typescript/src/restart-with-urql.ts'

interface Site {
  readonly gateway: TestGateway
  run(example: string, client: string, ...args: readonly string[]): Promise<ExampleRun>
  get(parameters: Readonly<Record<string, string>>): Promise<Response>
}

async function startSite(trustedDocuments: object): Promise<Site> {
  const gateway = await startGateway({ settings: { trustedDocuments } })
  const url = `${await gateway.app.partners.listen({ host: '127.0.0.1', port: 0 })}/graphql`
  const partners = await readSamplePartners()
  const token = (clientId: string) => {
    const scopes = partners.find(({ clients }) => clients.includes(clientId))?.scopes ?? []
    return gateway.issuer.sign({ clientId, scopes, lifetimeSeconds: 600 })
  }
  return {
    gateway,
    run: async (example, client, ...args) =>
      runExample(example, args, { TOKEN: await token(client), GATEWAY_URL: url }),
    get: async parameters =>
      fetch(`${url}?${new URLSearchParams(parameters)}`, {
        headers: { authorization: `Bearer ${await token('sample-retailer')}` },
      }),
  }
}

describe('a gateway that answers trusted documents only', () => {
  let site: Site
  let documents: Readonly<Record<string, string>>
  beforeAll(async () => {
    site = await startSite({ mode: 'enforce', manifests: [{ file: MANIFEST }] })
    documents = JSON.parse(await readFile(MANIFEST, 'utf8'))
  })
  afterAll(() => site.gateway.close())

  test('has been given what the examples ask, and finds all of it fit', () => {
    expect(Object.keys(documents)).toHaveLength(3)
    expect(site.gateway.logged.filter(({ message }) => /trusted document/.test(String(message)))).toEqual([])
  })

  test('answers by id from the first time on, with a tag', async () => {
    const [id = ''] = Object.entries(documents).find(([, text]) => text.includes('PartsEnquiry')) ?? []
    const answer = await site.get({ documentId: id, variables: JSON.stringify({ partNumbers: ['LR106259'] }) })
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, expect.stringMatching(/^W\/"/)])
  })

  test('refuses any other document', async () => {
    const answer = await site.get({ query: '{ viewer { scopes } }' })
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('"DOCUMENT_NOT_TRUSTED"')])
  })

  test('serves the example with Apollo Client', async () => {
    const { code, stdout, stderr } = await site.run(RETAILER, 'sample-retailer', 'LR106259')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('LR106259: AVAILABLE')
    expect(stdout).toContain('SYSTEM_NOT_OPEN: Production schedule is not open.')
  })

  test('serves the example with urql', async () => {
    const { code, stdout, stderr } = await site.run(INTERNAL, 'sample-internal')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^Parts logistics: OPEN and answers you, as of /m)
  })
})

describe('a gateway that has no manifest', () => {
  let site: Site
  beforeAll(async () => {
    site = await startSite({ mode: 'off' })
  })
  afterAll(() => site.gateway.close())

  test('is asked by Apollo Client with the whole document', async () => {
    const { code, stdout, stderr } = await site.run(RETAILER, 'sample-retailer', 'LR106259')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('LR106259: AVAILABLE')
  })

  test('is not asked by urql, which was told to ask by id alone', async () => {
    const { code, stderr } = await site.run(INTERNAL, 'sample-internal')
    expect([code, stderr]).toEqual([1, expect.stringContaining('PersistedQueryNotFound')])
  })
})
