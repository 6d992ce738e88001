import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createLocalJWKSet } from 'jose'
import { type AccessTokenVerifier, createAccessTokenVerifier } from '../../src/identity/access-token.ts'
import { GatewayError } from '../../src/model/errors.ts'
import { createForger, FORGERIES, withStrayBits } from './forgeries.ts'
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
    usableFromMs: (NOW_SECONDS - 10 - 30) * 1_000,
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

const forger = () =>
  createForger({
    key,
    rogue,
    claims: CLAIMS,
    elsewhere: 'https://evil.example',
    nowSeconds: NOW_SECONDS,
    beyondSeconds: 31,
  })

describe('every other token is refused with one and the same answer, and nothing is asked of the network', () => {
  test.each(FORGERIES)('%s', async (_, make) => {
    const refusal = await verifierWith()(await make(forger())).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(refusal).toBeInstanceOf(GatewayError)
    expect(refusal).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'A valid access token for this service is required.',
      details: {},
    })
    const { cause } = refusal as GatewayError
    expect(cause).toBeInstanceOf(Error)
    expect(cause).not.toHaveProperty('payload')
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
