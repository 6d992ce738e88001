import { createHmac } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { base64url, createLocalJWKSet, exportSPKI, importJWK } from 'jose'
import { type AccessTokenVerifier, createAccessTokenVerifier } from '../../src/identity/access-token.ts'
import { GatewayError } from '../../src/model/errors.ts'
import {
  AUDIENCE,
  CLAIMS,
  clockAtNow,
  createKey,
  ISSUER,
  NOW_SECONDS,
  otherSignature,
  signToken,
  type TestKey,
} from './issuer.ts'

let key: TestKey
let rogue: TestKey
beforeAll(async () => {
  key = await createKey('key-1')
  rogue = await createKey('key-1')
})

function verifierWith(change: Partial<Parameters<typeof createAccessTokenVerifier>[0]> = {}): AccessTokenVerifier {
  return createAccessTokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256', 'EdDSA'],
    clockSkewSeconds: 30,
    keys: createLocalJWKSet({ keys: [key.publicJwk] }),
    clock: clockAtNow(),
    ...change,
  })
}

/** No test of tokens may ask anything of the network: whatever a token names is not followed. */
const requests: unknown[] = []
const realFetch = globalThis.fetch
beforeEach(() => {
  requests.length = 0
  globalThis.fetch = (...request) => {
    requests.push(request[0])
    return Promise.reject(new Error('no network here'))
  }
})
afterEach(() => {
  globalThis.fetch = realFetch
  expect(requests).toEqual([])
})

test('a token of the issuer gives its client and scopes, and no other claim', async () => {
  const token = await signToken(key, { roles: ['INTERNAL'], bpnl: 'BPNL00000000001A' })
  expect(await verifierWith()(token)).toEqual({
    clientId: 'dms-1',
    scopes: new Set(['parts:read', 'orders:read']),
    expiresAtMs: (NOW_SECONDS + 600 + 30) * 1_000,
    confirmation: null,
  })
})

test('a token without the claim scope holds no scope', async () => {
  expect((await verifierWith()(await signToken(key, { scope: undefined }))).scopes).toEqual(new Set())
})

test.each([
  ['typ as a media type', {}, { typ: 'application/at+jwt' }],
  ['several audiences', { aud: ['https://other.example', AUDIENCE] }, {}],
  ['just expired, within the skew', { exp: NOW_SECONDS - 29 }, {}],
  ['just issued, within the skew', { iat: NOW_SECONDS + 29, nbf: NOW_SECONDS + 29 }, {}],
  ['key references that are ignored', {}, { jku: 'https://evil.example/keys', x5u: 'https://evil.example/cert' }],
])('accepted: %s', async (_, claims, header) => {
  await expect(verifierWith()(await signToken(key, claims, header))).resolves.toMatchObject({ clientId: 'dms-1' })
})

const encode = (value: unknown) => base64url.encode(JSON.stringify(value))
const unsigned = (header: object) => `${encode(header)}.${encode(CLAIMS)}.`
const without = (claim: string) => () => signToken(key, { [claim]: undefined })
const parts = async (change: (header: string, payload: string, signature: string) => string) => {
  const [header = '', payload = '', signature = ''] = (await signToken(key)).split('.')
  return change(header, payload, signature)
}
/** The last character of 64 octets in base64url carries four unused bits. */
const withStrayBits = (part: string) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part.slice(0, -1) + alphabet[alphabet.indexOf(part.slice(-1)) + 1]
}

const FORGERIES: readonly (readonly [name: string, make: () => string | Promise<string>])[] = [
  ['nothing', () => ''],
  ['no token at all', () => 'hello'],
  ['alg none', () => unsigned({ alg: 'none', typ: 'at+jwt' })],
  [
    'alg None with a signature',
    () => parts((_, payload, sig) => `${encode({ alg: 'None', typ: 'at+jwt' })}.${payload}.${sig}`),
  ],
  [
    'HS256 with the public key as the secret',
    async () => {
      const publicKey = await importJWK({ ...key.publicJwk, ext: true }, 'ES256', { extractable: true })
      const pem = publicKey instanceof Uint8Array ? '' : await exportSPKI(publicKey)
      const input = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: key.kid })}.${encode(CLAIMS)}`
      return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`
    },
  ],
  ['another key under the same kid', () => signToken(rogue)],
  ['another key that the header carries', () => signToken(rogue, {}, { jwk: rogue.publicJwk, kid: undefined })],
  ['another key behind jku', () => signToken(rogue, {}, { jku: 'https://evil.example/keys' })],
  ['another key behind x5u', () => signToken(rogue, {}, { x5u: 'https://evil.example/cert' })],
  ['another key in x5c', () => signToken(rogue, {}, { x5c: ['MIIB'] })],
  ['an unknown kid', () => signToken(key, {}, { kid: 'key-2' })],
  ['a kid that is a path', () => signToken(rogue, {}, { kid: '../../dev/null' })],
  ['a kid that is SQL', () => signToken(rogue, {}, { kid: "x' UNION SELECT 'key" })],
  ['a kid of 1 MiB', () => signToken(key, {}, { kid: 'k'.repeat(1_048_576) })],
  ['an algorithm that is not pinned', async () => signToken(await createKey('key-1', 'ES384'))],
  [
    'a critical header that nobody knows',
    () => parts((_, p, s) => `${encode({ alg: 'ES256', typ: 'at+jwt', crit: ['x'], x: 1 })}.${p}.${s}`),
  ],
  [
    'an unencoded payload',
    () => parts((_, p, s) => `${encode({ alg: 'ES256', typ: 'at+jwt', b64: false, crit: ['b64'] })}.${p}.${s}`),
  ],
  ['another issuer', () => signToken(key, { iss: 'https://evil.example' })],
  ['the issuer with a slash more', () => signToken(key, { iss: `${ISSUER}/` })],
  ['another audience', () => signToken(key, { aud: 'https://other.example' })],
  ['the audience inside a longer one', () => signToken(key, { aud: `${AUDIENCE}.evil.example` })],
  ['typ JWT: an ID token', () => signToken(key, {}, { typ: 'JWT' })],
  ['no typ', () => signToken(key, {}, { typ: undefined })],
  ['expired', () => signToken(key, { exp: NOW_SECONDS - 31 })],
  ['not yet valid', () => signToken(key, { nbf: NOW_SECONDS + 31 })],
  ['issued in the future', () => signToken(key, { iat: NOW_SECONDS + 31 })],
  ['an end that is text', () => signToken(key, { exp: String(NOW_SECONDS + 600) })],
  ['a client that is a list', () => signToken(key, { client_id: ['dms-1'] })],
  ['a client with a line break', () => signToken(key, { client_id: 'dms-1\n' })],
  ['an empty jti', () => signToken(key, { jti: '' })],
  ['scopes as a list', () => signToken(key, { scope: ['parts:read'] })],
  ['scopes with two spaces between', () => signToken(key, { scope: 'parts:read  orders:read' })],
  ...['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'].map(claim => [`no ${claim}`, without(claim)] as const),
  ['an altered payload', () => parts((h, _, s) => `${h}.${encode({ ...CLAIMS, client_id: 'other' })}.${s}`)],
  [
    'an altered header',
    () => parts((_, p, s) => `${encode({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, x: 1 })}.${p}.${s}`),
  ],
  ['a signature of zeros', () => parts((h, p) => `${h}.${p}.${base64url.encode(new Uint8Array(64))}`)],
  ['no signature', () => parts((h, p) => `${h}.${p}.`)],
  ['two parts', () => parts((h, p) => `${h}.${p}`)],
  ['four parts', () => parts((h, p, s) => `${h}.${p}.${s}.${s}`)],
  ['five parts', () => parts((h, p, s) => `${h}.${p}.${s}.${s}.${s}`)],
  ['padding', () => parts((h, p, s) => `${h}.${p}.${s}==`)],
  ['stray bits in the last character', () => parts((h, p, s) => `${h}.${p}.${withStrayBits(s)}`)],
  ['a line break inside', () => parts((h, p, s) => `${h}.${p}.\n${s}`)],
  ['base64 that is not the URL alphabet', () => parts((h, p, s) => `${h}.${p}.${s.slice(0, -2)}+/`)],
  ['a payload that is no JSON', () => parts((h, _, s) => `${h}.${base64url.encode('hello')}.${s}`)],
  ['a header of 3,000 nested lists', () => parts((_, p, s) => `${base64url.encode('['.repeat(3_000))}.${p}.${s}`)],
  [
    'claims with 2,000 nested lists',
    () => signToken(key, { aud: JSON.parse(`${'['.repeat(2_000)}1${']'.repeat(2_000)}`) as unknown }),
  ],
  [
    'a kid that is an object',
    () => parts((_, p, s) => `${encode({ alg: 'ES256', typ: 'at+jwt', kid: {} })}.${p}.${s}`),
  ],
  [
    'two algs in the header',
    () => parts((_, p, s) => `${base64url.encode('{"alg":"ES256","alg":"none","typ":"at+jwt"}')}.${p}.${s}`),
  ],
  ['an audience of nobody', () => signToken(key, { aud: [] })],
  ['an end beyond all numbers', () => parts((h, _, s) => `${h}.${base64url.encode('{"exp":1e999}')}.${s}`)],
  ['a confirmation that is not known', () => signToken(key, { cnf: { kid: 'key-1' } })],
  ['longer than 8 KiB', () => signToken(key, { padding: 'x'.repeat(8_192) })],
]

describe('every other token is refused with one and the same answer, and nothing is asked of the network', () => {
  test.each(FORGERIES)('%s', async (_, make) => {
    const refusal = await verifierWith()(await make()).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(refusal).toBeInstanceOf(GatewayError)
    expect(refusal).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'A valid access token for this service is required.',
      details: {},
    })
    expect((refusal as GatewayError).cause).toBeInstanceOf(Error)
  })
})

test('without the strict reading the written variants would verify: the signature is the same', async () => {
  const [header, payload, signature = ''] = (await signToken(key)).split('.')
  expect(Buffer.from(withStrayBits(signature), 'base64url')).toEqual(Buffer.from(signature, 'base64url'))
  await expect(verifierWith()(`${header}.${payload}.${signature}`)).resolves.toBeDefined()
})

test('a second signature of the same claims, which anybody can make of the first, says the same and no more', async () => {
  const [header, payload, signature = ''] = (await signToken(key)).split('.')
  const other = `${header}.${payload}.${otherSignature(signature)}`
  expect(await verifierWith()(other)).toEqual(await verifierWith()(`${header}.${payload}.${signature}`))
})

test('a token ends when the clock says so, and it is known when that will be', async () => {
  const clock = clockAtNow()
  const verify = verifierWith({ clock })
  const token = await signToken(key)
  expect((await verify(token)).expiresAtMs).toBe(clock.now() + 630_000)
  clock.advance(629)
  await expect(verify(token)).resolves.toBeDefined()
  clock.advance(1)
  await expect(verify(token)).rejects.toThrow(GatewayError)
})
