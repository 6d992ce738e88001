import { hash, randomUUID, X509Certificate } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { SignJWT } from 'jose'
import { Agent, request } from 'undici'
import {
  createAuthority,
  createSelfSigned,
  type TestAuthority,
  type TestCertificate,
  writeCertificate,
} from '../support/certificates.ts'
import { type DeclaredGateway, startGateway, temporaryDirectory } from '../support/gateway.ts'
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts'
import { createKey, type TestKey } from './issuer.ts'

/** Tokens of a real OpenID provider, by discovery over TLS, at the real listeners of whole gateways. */

const AUDIENCE = 'https://gateway.test'
const PUBLIC_URL = 'https://gateway.example'
const PARTNER = 'BPNL00000R000121'
const CLIENTS = ['by-secret', 'by-key', 'by-certificate', 'by-own-certificate'] as const

let directory: string
let authority: TestAuthority
let client: TestCertificate
let selfSigned: TestCertificate
let provider: OpenIdProvider
let aheadMs = 0
const clock = { now: () => Date.now() + aheadMs }
/** Ends TLS itself, and asks for certificates. */
let direct: DeclaredGateway
/** Behind a proxy on this machine. */
let proxied: DeclaredGateway
/** Behind a proxy on another machine, so that whoever calls it here is none. */
let elsewhere: DeclaredGateway

beforeAll(async () => {
  directory = await temporaryDirectory()
  authority = await createAuthority('the authority of tests')
  client = await authority.issue('retailer', 'client')
  selfSigned = await createSelfSigned('retailer, by itself')
  provider = await startOpenIdProvider({
    audience: AUDIENCE,
    scopes: ['parts:read', 'restart:read'],
    tls: { authority, client, selfSigned },
  })
  const ca = join(directory, 'ca.pem')
  await writeFile(ca, authority.cert)
  const files = await writeCertificate(directory, 'gateway', await authority.issue('127.0.0.1', 'server'))
  const identity = {
    issuer: provider.issuer,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    keys: { discovery: true, tls: { ca }, timeoutMs: 5_000 },
    publicUrl: PUBLIC_URL,
  }
  const start = async (settings: object) => {
    const gateway = await startGateway({ clock, isSmall: true, settings: { identity, ...settings } })
    await gateway.app.partners.listen({ host: '127.0.0.1', port: 0 })
    gateway.grant(PARTNER, { clients: CLIENTS })
    return gateway
  }
  direct = await start({ listen: { port: 0, adminPort: 0, tls: { ...files, clientCertificates: 'optional' } } })
  const behind = (header: string, trustedProxies: readonly string[]) =>
    start({ identity: { ...identity, clientCertificate: { header, trustedProxies } } })
  proxied = await behind('client-cert', ['loopback'])
  elsewhere = await behind('client-cert', ['10.0.0.0/8'])
})
afterAll(async () => {
  await Promise.all([direct, proxied, elsewhere].map(gateway => gateway?.close()))
  await provider?.close()
  await rm(directory, { recursive: true, force: true })
})

interface Asking {
  readonly authorization: string
  readonly certificate?: TestCertificate | undefined
  readonly headers?: Readonly<Record<string, string | string[]>>
}

/** Asks over a connection of its own. */
async function ask(gateway: DeclaredGateway, { authorization, certificate, headers }: Asking) {
  const dispatcher = new Agent({ connect: { ca: authority.cert, ...certificate }, pipelining: 0 })
  const { port } = gateway.app.partners.server.address() as AddressInfo
  const answer = await request(`${gateway === direct ? 'https' : 'http'}://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    dispatcher,
    headers: { 'content-type': 'application/json', authorization, ...headers },
    body: JSON.stringify({ query: '{ viewer { partner { bpnl } } }' }),
  })
  const text = await answer.body.text()
  await dispatcher.close()
  return { status: answer.statusCode, headers: answer.headers, text }
}

const statusOf = async (gateway: DeclaredGateway, asking: Asking) => (await ask(gateway, asking)).status
const bearer = async (name: (typeof CLIENTS)[number]) => `Bearer ${(await provider.token(name)).token}`

describe('a client is served', () => {
  test.each(['by-secret', 'by-key'] as const)('whose token the issuer gave it %s', async name => {
    expect(await statusOf(direct, { authorization: await bearer(name) })).toBe(200)
  })

  test.each([
    ['by-certificate', () => client],
    ['by-own-certificate', () => selfSigned],
  ] as const)('whose token is bound to its certificate, over a connection with it: %s', async (name, certificate) => {
    const authorization = await bearer(name)
    expect(await statusOf(direct, { authorization, certificate: certificate() })).toBe(200)
  })
})

describe('a token that is bound to a certificate is refused', () => {
  test('with the certificate of another, and with none', async () => {
    const authorization = await bearer('by-certificate')
    const other = await authority.issue('retailer', 'client')
    for (const certificate of [other, selfSigned, undefined])
      expect(await statusOf(direct, { authorization, certificate })).toBe(401)
  })

  test('with the certificate in a header that nobody asked for', async () => {
    const authorization = await bearer('by-certificate')
    const headers = { 'client-cert': headerOf(client) }
    expect(await statusOf(direct, { authorization, headers })).toBe(401)
  })
})

const headerOf = ({ cert }: TestCertificate) => `:${new X509Certificate(cert).raw.toString('base64')}:`

describe('the certificate that a proxy passes', () => {
  test('counts from a trusted proxy, and from nobody else', async () => {
    const authorization = await bearer('by-certificate')
    const headers = { 'client-cert': headerOf(client) }
    expect(await statusOf(proxied, { authorization, headers })).toBe(200)
    expect(await statusOf(elsewhere, { authorization, headers })).toBe(401)
    expect(await statusOf(proxied, { authorization, headers: { 'client-cert': headerOf(selfSigned) } })).toBe(401)
    expect(await statusOf(proxied, { authorization })).toBe(401)
  })

  test('is not one of two', async () => {
    const authorization = await bearer('by-certificate')
    const headers = { 'client-cert': [headerOf(client), headerOf(selfSigned)] }
    expect(await statusOf(proxied, { authorization, headers })).toBe(400)
  })
})

test('a partner enrolled for its certificate cannot fall back to a bearer token', async () => {
  direct.grant(PARTNER, { tokenBinding: 'MUTUAL_TLS' })
  expect(await statusOf(direct, { authorization: await bearer('by-secret'), certificate: client })).toBe(401)
  expect(await statusOf(direct, { authorization: await bearer('by-certificate'), certificate: client })).toBe(200)
  direct.grant(PARTNER, { tokenBinding: 'NONE' })
})

async function signProof({ publicJwk, privateKey }: TestKey, claims: object): Promise<string> {
  const { kid: _, ...jwk } = publicJwk
  return new SignJWT({ jti: randomUUID(), htm: 'POST', ...claims })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: { ...jwk } })
    .setIssuedAt()
    .sign(privateKey)
}

test('a token that the issuer bound to a key is taken with a proof for this instance, once', async () => {
  const key = await createKey('client')
  const { token, type } = await provider.token('by-secret', { proof: htu => signProof(key, { htu }) })
  expect(type).toBe('DPoP')
  const ath = hash('sha256', token, 'base64url')
  const proof = (more: object = {}) => signProof(key, { htu: `${PUBLIC_URL}/graphql`, ath, ...more })
  const authorization = `DPoP ${token}`
  expect(await statusOf(direct, { authorization: `Bearer ${token}` })).toBe(401)

  const challenged = await ask(direct, { authorization, headers: { dpop: await proof() } })
  expect([challenged.status, challenged.headers['www-authenticate']]).toEqual([
    401,
    expect.stringMatching(/^DPoP error="use_dpop_nonce", algs="ES256 /),
  ])
  const dpop = await proof({ nonce: challenged.headers['dpop-nonce'] })
  expect(await statusOf(direct, { authorization, headers: { dpop } })).toBe(200)
  const again = await Promise.all(
    [direct, proxied, direct].map(gateway => ask(gateway, { authorization, headers: { dpop } })),
  )
  expect(again.map(({ status }) => status)).toEqual([401, 401, 401])
  const two = [await proof(), await proof()]
  expect(await statusOf(direct, { authorization, headers: { dpop: two } })).toBe(401)
})

describe('the keys of the issuer', () => {
  test('may change under load: no request is lost, and they are asked for once', async () => {
    const before = await bearer('by-secret')
    await provider.rotateAtOnce()
    aheadMs += 31_000
    const asked = await provider.keyRequests()
    const after = await bearer('by-secret')
    const statuses = await Promise.all(
      Array.from({ length: 60 }, (_, n) => statusOf(direct, { authorization: n < 10 ? before : after })),
    )
    // The old key is gone: its tokens are served as long as nobody knows, and not after.
    expect(statuses.slice(10)).toEqual(Array.from({ length: 50 }, () => 200))
    expect(await provider.keyRequests()).toBe(asked + 1)
    expect(await statusOf(direct, { authorization: before })).toBe(401)
  })

  test.each(['leave', 'freeze'] as const)('serve for an hour in which the issuer does not answer: %s', async outage => {
    aheadMs += 31_000
    const authorization = await bearer('by-secret')
    expect(await statusOf(direct, { authorization })).toBe(200)
    await provider[outage]()
    for (let minute = 0; minute < 60; minute += 15) {
      aheadMs += 15 * 60_000
      const statuses = await Promise.all(Array.from({ length: 5 }, () => statusOf(direct, { authorization })))
      expect(statuses).toEqual([200, 200, 200, 200, 200])
    }
    await (outage === 'leave' ? provider.comeBack() : provider.thaw())
    aheadMs += 31_000
    expect(await statusOf(direct, { authorization })).toBe(200)
  })
})
