import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { MappedConnector } from '../../../src/connectors/mapped-connector.ts'
import { ensureError } from '../../../src/model/errors.ts'
import { partSupersession } from '../../../src/systems/relations/parts-logistics.ts'
import { createAuthority, type TestAuthority, writeCertificate } from '../../support/certificates.ts'
import { connect } from './connecting.ts'
import { answer, PART_RELATIONS, results, type ScriptedServer, startScripted } from './scripted.ts'

/** How the gateway shows who it is, and whom it believes. */
const signal = new AbortController().signal
const connectors: MappedConnector[] = []
let server: ScriptedServer
let now = Date.parse('2025-10-08T06:00:00Z')

async function open(settings: Readonly<Record<string, unknown>>): Promise<MappedConnector> {
  const opened = await connect({ version: 'V2', relations: PART_RELATIONS, ...settings }, { now: () => now })
  connectors.push(opened)
  return opened
}
const lookup = (connector: MappedConnector) =>
  connector.lookup(partSupersession, { columns: ['partNumber'], keys: [['LR1']], visible: { kind: 'all' } }, signal)

/** The whole text of what went wrong, causes and all. */
async function failureText(attempt: Promise<unknown>): Promise<string> {
  const thrown = await attempt.then(
    () => 'it did not fail',
    (error: unknown) => error,
  )
  const words: string[] = []
  for (let error: unknown = thrown; error !== undefined; error = ensureError(error).cause)
    words.push(ensureError(error).message, String((error as { code?: unknown }).code))
  return words.join(' ')
}

afterEach(async () => {
  await Promise.all(connectors.splice(0).map(each => each.close()))
  await server?.close()
})

describe('over plain HTTP to this machine', () => {
  let tokens: Server
  let tokenRequests: { readonly authorization: string; readonly body: string }[] = []
  let tokenAnswer: { status: number; body: unknown } = { status: 200, body: null }

  beforeEach(async () => {
    server = await startScripted()
    server.script = (_q, response) => answer(response, 200, results('LR1'))
    tokenRequests = []
    tokenAnswer = { status: 200, body: null }
    tokens = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      tokenRequests.push({ authorization: request.headers.authorization ?? '', body: Buffer.concat(chunks).toString() })
      const body = tokenAnswer.body ?? {
        access_token: `token-${tokenRequests.length}`,
        token_type: 'Bearer',
        expires_in: 600,
      }
      response.writeHead(tokenAnswer.status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }).listen(0, '127.0.0.1')
    await once(tokens, 'listening')
  })
  afterEach(async () => {
    tokens.closeAllConnections()
    tokens.close()
    await once(tokens, 'close')
  })

  const oauth2 = () => ({
    kind: 'oauth2',
    tokenUrl: `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`,
    clientId: 'gateway:1',
    clientSecret: 's3cret&more',
    scope: 'read',
  })
  const sent = () => server.requests.map(({ headers }) => headers.authorization)

  test('Basic credentials and configured headers go with every request', async () => {
    const auth = { kind: 'basic', user: 'GATEWAY', password: 'gehäim' }
    await lookup(await open({ baseUrl: server.url, auth, headers: { 'sap-client': '100' } }))
    expect(sent()).toEqual([`Basic ${Buffer.from('GATEWAY:gehäim').toString('base64')}`])
    expect(server.requests[0]?.headers).toMatchObject({ 'sap-client': '100', accept: 'application/json' })
  })

  test('wrong credentials are said to be so, and not what they are', async () => {
    server.script = (_q, response) => answer(response, 401, '')
    const auth = { kind: 'basic', user: 'GATEWAY', password: 'not-for-logs' }
    const text = await failureText(lookup(await open({ baseUrl: server.url, auth })))
    expect(text).toContain('did not accept the credentials (401)')
    expect(text).not.toMatch(/not-for-logs|GATEWAY/)
  })

  test('wrong credentials are not sent again with every read, but after ever longer', async () => {
    const auth = { kind: 'basic', user: 'GATEWAY', password: 'not-for-logs' }
    server.script = (_q, response) => answer(response, 401, '')
    const connector = await open({ baseUrl: server.url, auth })
    for (const [index, waitMs] of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000].entries()) {
      const reads = await Promise.all(Array.from({ length: 5 }, () => failureText(lookup(connector))))
      for (const text of reads) expect(text).toContain('did not accept the credentials (401)')
      expect(connector.warning()).toContain(
        `PARTS_SRV refused the credentials, which are not sent again until ${new Date(now + waitMs).toISOString()}`,
      )
      now += waitMs - 1
      await failureText(lookup(connector))
      // Reads that came together at first were on their way already; after a hold one tries alone.
      expect(server.requests.length).toBeLessThanOrEqual(5 + index)
      now += 1
    }
    server.script = (_q, response) => answer(response, 200, results('LR1'))
    await expect(lookup(connector)).resolves.toMatchObject({ rows: [{ partNumber: 'LR1' }] })
    expect(connector.warning()).toBeNull()
  })

  test('one right that is missing keeps nobody else out, several in a row are a hold of what is read', async () => {
    const connector = await open({ baseUrl: server.url })
    const right = (status: number) => {
      server.script = (_q, response) => answer(response, status, status === 200 ? results('LR1') : '')
    }
    for (const status of [403, 403, 200, 403, 403, 200]) {
      right(status)
      await lookup(connector).catch(() => null)
    }
    expect(connector.warning()).toBeNull()
    right(403)
    for (let read = 0; read < 20; read += 1) expect(await failureText(lookup(connector))).toContain('(403)')
    expect(server.requests).toHaveLength(9)
    expect(connector.warning()).toContain('PARTS_SRV/Parts refused the credentials')
  })

  test('a token endpoint that refuses the client is left alone for a while', async () => {
    tokenAnswer = { status: 401, body: { error: 'invalid_client' } }
    const connector = await open({ baseUrl: server.url, auth: oauth2() })
    for (let read = 0; read < 20; read += 1)
      expect(await failureText(lookup(connector))).toContain('gave no token (401, invalid_client)')
    expect(tokenRequests).toHaveLength(1)
    expect(connector.warning()).toMatch(/^the token endpoint 127\.0\.0\.1:\d+ refused the credentials/)
    now += 5_000
    tokenAnswer = { status: 200, body: null }
    await expect(lookup(connector)).resolves.toMatchObject({ rows: [{ partNumber: 'LR1' }] })
    expect(connector.warning()).toBeNull()
  })

  test('a token is fetched once for all who wait, with the client credentials, and used until shortly before it ends', async () => {
    const connector = await open({ baseUrl: server.url, auth: oauth2() })
    await Promise.all([lookup(connector), lookup(connector), lookup(connector)])
    expect(tokenRequests).toEqual([
      {
        authorization: `Basic ${Buffer.from('gateway%3A1:s3cret%26more').toString('base64')}`,
        body: 'grant_type=client_credentials&scope=read',
      },
    ])
    expect(new Set(sent())).toEqual(new Set(['Bearer token-1']))
    now += 539_000
    await lookup(connector)
    expect(tokenRequests).toHaveLength(1)
    now += 2_000
    await lookup(connector)
    expect(sent().at(-1)).toBe('Bearer token-2')
  })

  test('a token that is refused is replaced once, and a second refusal is told', async () => {
    const connector = await open({ baseUrl: server.url, auth: oauth2() })
    server.script = (request, response) =>
      request.headers.authorization === 'Bearer token-1'
        ? answer(response, 401, '')
        : answer(response, 200, results('LR1'))
    await expect(lookup(connector)).resolves.toMatchObject({ rows: [{ partNumber: 'LR1' }] })
    expect(sent()).toEqual(['Bearer token-1', 'Bearer token-2'])
    server.script = (_q, response) => answer(response, 401, '')
    expect(await failureText(lookup(connector))).toContain('(401)')
    expect(tokenRequests).toHaveLength(3)
  })

  test.each([
    [
      { status: 401, body: { error: 'invalid_client', error_description: 's3cret&more' } },
      'gave no token (401, invalid_client)',
    ],
    [{ status: 200, body: { access_token: 'x', token_type: 'mac' } }, 'without a bearer token'],
    [{ status: 200, body: { access_token: 'a b\r\nc: d', token_type: 'Bearer' } }, 'without a bearer token'],
  ])('a token endpoint that answers %j is named, and no secret', async (given, said) => {
    tokenAnswer = given
    const text = await failureText(lookup(await open({ baseUrl: server.url, auth: oauth2() })))
    expect(text).toContain(said)
    expect(text).not.toContain('s3cret')
    expect(server.requests).toEqual([])
  })
})

describe('over TLS', () => {
  let directory: string
  let authority: TestAuthority
  let files: { readonly ca: string; readonly cert: string; readonly key: string; readonly otherCa: string }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'odata-tls-'))
    authority = await createAuthority('services')
    const other = await createAuthority('others')
    const client = await writeCertificate(directory, 'client', await authority.issue('gateway', 'client'))
    files = { ...client, ca: join(directory, 'ca.pem'), otherCa: join(directory, 'other.pem') }
    await writeFile(files.ca, authority.cert)
    await writeFile(files.otherCa, other.cert)
  })
  afterAll(() => rm(directory, { recursive: true }))
  beforeEach(async () => {
    const own = await authority.issue('server', 'server')
    server = await startScripted({ ...own, ca: authority.cert, requestCert: true, rejectUnauthorized: true })
    server.script = (_q, response) => answer(response, 200, results('LR1'))
  })

  test('a certificate of the gateway is shown to a server that wants one', async () => {
    const { ca, cert, key } = files
    const connector = await open({ baseUrl: server.url, tls: { ca, cert, key } })
    await expect(lookup(connector)).resolves.toMatchObject({ rows: [{ partNumber: 'LR1' }] })
  })

  test('without one nothing is read', async () => {
    await expect(lookup(await open({ baseUrl: server.url, tls: { ca: files.ca } }))).rejects.toThrow()
    expect(server.requests).toEqual([])
  })

  test('a server whom nobody trusted has signed is not spoken to', async () => {
    const { otherCa, cert, key } = files
    const text = await failureText(lookup(await open({ baseUrl: server.url, tls: { ca: otherCa, cert, key } })))
    expect(text).toMatch(/certificate/i)
    expect(server.requests).toEqual([])
  })

  test('a server with the certificate of another name is not spoken to', async () => {
    const { ca, cert, key } = files
    const connector = await open({ baseUrl: server.url, tls: { ca, cert, key, serverName: 'sap.example' } })
    expect(await failureText(lookup(connector))).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
    expect(server.requests).toEqual([])
  })

  test('files that are not there or no PEM are a fault of the configuration, named', async () => {
    await expect(open({ baseUrl: server.url, tls: { ca: join(directory, 'none.pem') } })).rejects.toThrow(
      'none.pem: cannot be read: there is no such file',
    )
    await expect(open({ baseUrl: server.url, tls: { ca: import.meta.filename } })).rejects.toThrow('is not a PEM file')
  })
})
