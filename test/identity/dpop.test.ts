import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createLocalJWKSet } from 'jose'
import { createAccessTokenVerifier } from '../../src/identity/access-token.ts'
import { type Authenticated, type AuthenticationRequest, createAuthenticator } from '../../src/identity/authenticate.ts'
import { createDpop } from '../../src/identity/dpop/dpop.ts'
import { createKnownTokens } from '../../src/identity/known-tokens.ts'
import { createPartnerRegistry } from '../../src/identity/partner-registry.ts'
import { Unauthenticated } from '../../src/identity/unauthenticated.ts'
import type { PartnerEntry } from '../../src/model/partner-entry.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { createDeclaredRecovery, type DeclaredRecovery, declaredState } from '../support/declared-recovery.ts'
import { BAD_PROOFS, createProver } from './bad-proofs.ts'
import {
  AUDIENCE,
  clockAtNow,
  createKey,
  ISSUER,
  NOW_SECONDS,
  otherSignature,
  requestWith,
  signToken,
  type TestKey,
} from './issuer.ts'
import { createFakeStore, type FakeStore, type ProofChange, PUBLIC_URL, signProof, thumbprintOf } from './proofs.ts'

const ALGS = 'algs="ES256 PS256"'
const PARTNER: PartnerEntry = {
  bpnl: 'BPNL00000000001A',
  name: 'Hallam Cars',
  roles: ['RETAILER'],
  sites: [],
  wave: null,
  scopes: ['parts:read'],
  clients: ['dms-1'],
  tokenBinding: 'DPOP',
  disabled: false,
  limits: null,
}

let issuerKey: TestKey
let clientKey: TestKey
let otherKey: TestKey
let token: string
let recovery: DeclaredRecovery
beforeAll(async () => {
  issuerKey = await createKey('key-1')
  clientKey = await createKey('client')
  otherKey = await createKey('other')
  token = await signToken(issuerKey, { cnf: { jkt: await thumbprintOf(clientKey) } })
  recovery = createDeclaredRecovery(declaredState())
})
beforeEach(() => recovery.grant([PARTNER]))

interface Instance {
  authenticate(request: AuthenticationRequest): Promise<Authenticated>
  readonly counters: ReturnType<typeof createCounters>
}

/** One gateway process, as far as identity goes. */
function startInstance(
  store: FakeStore | null,
  { clock = clockAtNow(), maxUsedProofs = 1_000, publicUrls = [PUBLIC_URL] } = {},
): Instance {
  const counters = createCounters()
  const verifier = createAccessTokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    clockSkewSeconds: 30,
    keys: createLocalJWKSet({ keys: [issuerKey.publicJwk] }),
    clock,
  })
  const settings = { algorithms: ['ES256', 'PS256'], proofSeconds: 60, nonceSeconds: 300 }
  const { monotonicMs } = clock
  const proofs = { settings, publicUrls, clockSkewSeconds: 30, store, clock, monotonicMs, counters, maxUsedProofs }
  const dpop = createDpop(proofs)
  const registry = createPartnerRegistry({ recovery, limits: { operationCost: 1, costPerMinute: 1 } })
  // Whatever is known of a token, its proof is checked each time.
  const knownTokens = createKnownTokens({ max: 100, keys: { version: () => 1 }, registry, clock, counters })
  const authenticate = createAuthenticator({ verifier, registry, dpop, knownTokens })
  return { authenticate: async request => authenticate(request), counters }
}

const ask = ({ authenticate }: Instance, proofs: readonly string[], rest = {}) =>
  authenticate(requestWith(`DPoP ${token}`, { proofs, ...rest }))

async function refusalOf(asking: Promise<unknown>): Promise<Unauthenticated> {
  const refusal = await asking.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (refusal instanceof Unauthenticated) return refusal
  throw new Error(`not refused as a request without a token is: ${refusal}`)
}

const make = (change: ProofChange = {}, key = clientKey) => signProof(key, token, change)

describe('a proof by the key that the token is bound to is taken', () => {
  test.each<[string, ProofChange, object?]>([
    ['as it is', {}],
    ['for a GET with a query', { claims: { htm: 'GET' } }, { method: 'GET', url: '/graphql?query=x' }],
    ['whose htu has query and fragment', { claims: { htu: `${PUBLIC_URL}/graphql?a=b#c` } }],
    ['whose htu is written otherwise', { claims: { htu: 'HTTPS://GATEWAY.example:443/graphql' } }],
    ['at its last moment', { claims: { iat: NOW_SECONDS - 59 } }],
    ['from a clock that is ahead', { claims: { iat: NOW_SECONDS + 29 } }],
    ['with key references that are ignored', { header: { jku: 'https://evil.example', x5u: 'https://evil.example' } }],
  ])('%s', async (_, change, rest = {}) => {
    const { viewer } = await ask(startInstance(createFakeStore()), [await make(change)], rest)
    expect(viewer.clientId).toBe('dms-1')
  })

  test('by any of the URLs that the gateway is known by', async () => {
    const instance = startInstance(createFakeStore(), { publicUrls: ['https://a.example/api/', 'https://b.example'] })
    for (const htu of ['https://a.example/api/graphql', 'https://b.example/graphql'])
      await expect(ask(instance, [await make({ claims: { htu } })])).resolves.toBeDefined()
    const elsewhere = await make({ claims: { htu: 'https://a.example/graphql' } })
    await refusalOf(ask(instance, [elsewhere]))
  })

  test('by an RSA key as well', async () => {
    const rsa = await createKey('rsa', 'PS256')
    const bound = await signToken(issuerKey, { cnf: { jkt: await thumbprintOf(rsa) } })
    const proofs = [await signProof(rsa, bound)]
    const { authenticate } = startInstance(createFakeStore())
    await expect(authenticate(requestWith(`dpop ${bound}`, { proofs }))).resolves.toBeDefined()
  })
})

const prover = () => createProver({ clientKey, otherKey, token, nowSeconds: NOW_SECONDS, tooOldSeconds: 62 })

test.each(BAD_PROOFS)('refused with one and the same answer: %s', async (_, proofs) => {
  const store = createFakeStore()
  const refusal = await refusalOf(ask(startInstance(store), await proofs(prover())))
  expect(refusal).toMatchObject({
    code: 'UNAUTHENTICATED',
    message: 'A valid access token for this service is required.',
    details: {},
    challenge: `DPoP error="invalid_dpop_proof", ${ALGS}`,
    nonce: null,
  })
  // Nobody can fill the store with proofs that are none.
  expect(store.claims.size).toBe(0)
})

describe('a token that is bound to a key', () => {
  test('is no bearer token, with a proof or without', async () => {
    const { authenticate } = startInstance(createFakeStore())
    for (const proofs of [[], [await make()]]) {
      const refusal = await refusalOf(authenticate(requestWith(`Bearer ${token}`, { proofs })))
      expect(refusal.challenge).toBe(`Bearer error="invalid_token", DPoP ${ALGS}`)
    }
  })

  test('is the only kind that the scheme DPoP takes', async () => {
    const bearer = await signToken(issuerKey)
    const proofs = [await signProof(clientKey, bearer)]
    const { authenticate } = startInstance(createFakeStore())
    const refusal = await refusalOf(authenticate(requestWith(`DPoP ${bearer}`, { proofs })))
    expect(refusal.challenge).toBe(`DPoP error="invalid_token", ${ALGS}`)
  })

  test('serves a partner that need not have one, checked all the same', async () => {
    recovery.grant([{ ...PARTNER, tokenBinding: 'NONE' }])
    const instance = startInstance(createFakeStore())
    await expect(ask(instance, [await make()])).resolves.toBeDefined()
    await refusalOf(ask(instance, [await make({}, otherKey)]))
  })

  test.each([
    ['one that is not known', { jwk: {} }],
    ['one that is not known beside one that is', { jkt: 'A'.repeat(43), kid: 'x' }],
    ['nothing', {}],
    ['a thumbprint that is none', { jkt: 'short' }],
    ['null', null],
    ['text', 'jkt'],
  ])('by a confirmation that names %s is refused', async (_, cnf) => {
    const { authenticate } = startInstance(createFakeStore())
    const odd = await signToken(issuerKey, { cnf })
    const proofs = [await signProof(clientKey, odd)]
    for (const scheme of ['Bearer', 'DPoP']) await refusalOf(authenticate(requestWith(`${scheme} ${odd}`, { proofs })))
  })
})

test('a partner enrolled for bound tokens cannot fall back to a bearer token', async () => {
  const { authenticate } = startInstance(createFakeStore())
  const bearer = requestWith(`Bearer ${await signToken(issuerKey)}`)
  expect((await refusalOf(authenticate(bearer))).challenge).toBe(`Bearer error="invalid_token", DPoP ${ALGS}`)
  recovery.grant([{ ...PARTNER, tokenBinding: 'NONE' }])
  await expect(authenticate(bearer)).resolves.toBeDefined()
  recovery.grant([{ ...PARTNER, tokenBinding: 'MUTUAL_TLS' }])
  await refusalOf(ask({ authenticate, counters: createCounters() }, [await make()]))
})

test('what is no token of a known scheme is told the schemes, and no error', async () => {
  const { authenticate } = startInstance(createFakeStore())
  for (const authorization of [undefined, '', 'Basic cm9vdDpyb290', 'DPoP', 'Negotiate x'])
    expect((await refusalOf(authenticate(requestWith(authorization)))).challenge).toBe(`Bearer, DPoP ${ALGS}`)
})

describe('a proof is good for one use', () => {
  test('sent 1,000 times to two instances with one store, exactly one is accepted', async () => {
    const store = createFakeStore()
    const instances = [startInstance(store), startInstance(store)] as const
    const proof = await make()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 1_000 }, (_, n) => ask(n % 2 === 0 ? instances[0] : instances[1], [proof])),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(store.claims.size).toBe(1)
  })

  test('in whatever way it is written and whatever else it says: key and jti are what counts', async () => {
    const instance = startInstance(createFakeStore())
    await ask(instance, [await make({ claims: { jti: 'one' } })])
    await refusalOf(ask(instance, [await make({ claims: { jti: 'one', iat: NOW_SECONDS - 5 } })]))
    await expect(ask(instance, [await make({ claims: { jti: 'two' } })])).resolves.toBeDefined()
    const [header, payload, signature = ''] = (await make({ claims: { jti: 'three' } })).split('.')
    await ask(instance, [`${header}.${payload}.${signature}`])
    await refusalOf(ask(instance, [`${header}.${payload}.${otherSignature(signature)}`]))
  })

  test('and is kept in the store for as long as any instance could take it', async () => {
    const store = createFakeStore()
    for (const iat of [-59, 0, 29])
      await ask(startInstance(store), [await make({ claims: { iat: NOW_SECONDS + iat } })])
    // A client that is ahead and an instance that is behind add up, whatever this one's clock says.
    for (const ttlMs of store.claims.values()) {
      expect(ttlMs).toBeGreaterThan((60 + 2 * 30) * 1_000)
      expect(ttlMs).toBeLessThan((60 + 2 * 30 + 5) * 1_000)
    }
  })
})

/** Asks for a nonce as a client does: by a proof without one. */
async function nonceOf(instance: Instance, iat = NOW_SECONDS): Promise<string> {
  const refusal = await refusalOf(ask(instance, [await make({ claims: { iat } })]))
  expect(refusal.challenge).toBe(`DPoP error="use_dpop_nonce", ${ALGS}`)
  return refusal.nonce ?? ''
}

describe('without a store, or while it is away', () => {
  test('only a proof with the nonce of this very instance is taken, once', async () => {
    const [first, second] = [startInstance(null), startInstance(null)]
    const nonce = await nonceOf(first)
    const proof = await make({ claims: { nonce } })
    await expect(ask(first, [proof])).resolves.not.toHaveProperty('nonce')
    for (let again = 0; again < 100; again++) await refusalOf(ask(first, [proof]))
    expect((await refusalOf(ask(second, [proof]))).challenge).toContain('use_dpop_nonce')
    expect(first.counters.snapshot()).toContainEqual({
      name: 'dpop_proofs',
      labels: { outcome: 'replayed' },
      value: 100,
    })
  })

  test.each([
    ['noise', 'nonce'],
    ['one of the right form', 'mt0000000.AAAAAAAAAAAAAAAAAAAAAA'],
  ])('a nonce that nobody issued is none: %s', async (_, nonce) => {
    expect((await refusalOf(ask(startInstance(null), [await make({ claims: { nonce } })]))).challenge).toContain(
      'use_dpop_nonce',
    )
  })

  test('a nonce ends, and a new one comes before it does', async () => {
    const clock = clockAtNow()
    const instance = startInstance(null, { clock })
    const nonce = await nonceOf(instance)
    const at = (iat: number) => make({ claims: { nonce, iat: NOW_SECONDS + iat } })
    clock.advance(100)
    await expect(ask(instance, [await at(100)])).resolves.not.toHaveProperty('nonce')
    clock.advance(100)
    await expect(ask(instance, [await at(200)])).resolves.toMatchObject({ nonce: expect.any(String) })
    clock.advance(110)
    expect((await refusalOf(ask(instance, [await at(310)]))).challenge).toContain('use_dpop_nonce')
  })

  test('full, it takes nothing more and says when to come back, and forgets what cannot be used any more', async () => {
    const clock = clockAtNow()
    const instance = startInstance(null, { clock, maxUsedProofs: 20 })
    const nonce = await nonceOf(instance)
    const proof = (iat = 0) => make({ claims: { nonce, iat: NOW_SECONDS + iat } })
    for (let n = 0; n < 2; n++) await ask(instance, [await proof()])
    await expect(ask(instance, [await proof()])).rejects.toMatchObject({
      code: 'SYSTEM_UNAVAILABLE',
      details: { retryAfterSeconds: expect.any(Number) },
    })
    clock.advance(250)
    await expect(ask(instance, [await proof(250)])).resolves.toBeDefined()
  })

  test('a replay is refused by the instance, another one, one that was restarted, and after the store came back empty', async () => {
    const clock = clockAtNow()
    const store = createFakeStore()
    const [first, second] = [startInstance(store, { clock }), startInstance(store, { clock })]
    const plain = await make()
    await ask(first, [plain])
    store.away()
    const nonce = await nonceOf(first)
    const withNonce = await make({ claims: { nonce } })
    await ask(first, [withNonce])
    const replays = [plain, withNonce]
    const restarted = startInstance(store, { clock })
    const refusedEverywhere = async () => {
      for (const instance of [first, second, restarted])
        for (const proof of replays) await refusalOf(ask(instance, [proof]))
    }
    await refusedEverywhere()
    clock.advance(5)
    store.back(clock.now())
    await refusedEverywhere()
    clock.advance(35)
    await refusedEverywhere()
  })

  test('a nonce that has ended does not keep its client from a store that is back', async () => {
    const clock = clockAtNow()
    const store = createFakeStore()
    const [first, second] = [startInstance(store, { clock }), startInstance(store, { clock })]
    store.away()
    const nonce = await nonceOf(first)
    store.back(clock.now())
    clock.advance(250)
    const later = (iat: number) => make({ claims: { nonce, iat: NOW_SECONDS + iat } })
    await expect(ask(first, [await later(250)])).resolves.not.toHaveProperty('nonce')
    await refusalOf(ask(second, [await later(250)]))
    clock.advance(60)
    for (const instance of [first, second]) await expect(ask(instance, [await later(310)])).resolves.toBeDefined()
  })
})
