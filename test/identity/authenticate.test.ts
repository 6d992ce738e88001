import { beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createLocalJWKSet } from 'jose'
import { createAccessTokenVerifier } from '../../src/identity/access-token.ts'
import { type Authenticator, createAuthenticator } from '../../src/identity/authenticate.ts'
import { createPartnerRegistry } from '../../src/identity/partner-registry.ts'
import { createDeclaredRecovery, type DeclaredRecovery, declaredState } from '../support/declared-recovery.ts'
import { AUDIENCE, clockAtNow, createKey, ISSUER, NOW_SECONDS, requestWith, signToken, type TestKey } from './issuer.ts'
import { PARTNER } from './remembering.ts'

let key: TestKey
let token: string
let recovery: DeclaredRecovery
let authenticate: Authenticator
beforeAll(async () => {
  key = await createKey('key-1')
  token = await signToken(key)
  recovery = createDeclaredRecovery(declaredState())
  recovery.grant([PARTNER])
  const registry = createPartnerRegistry({ recovery, limits: { operationCost: 1, costPerMinute: 1 } })
  const verifier = createAccessTokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    clockSkewSeconds: 0,
    keys: createLocalJWKSet({ keys: [key.publicJwk] }),
    clock: clockAtNow(),
  })
  authenticate = createAuthenticator({ verifier, registry, dpop: null, knownTokens: null })
})

test.each(['Bearer', 'bearer', 'BEARER'])(
  'the scheme %s and a valid token give the viewer, and when the token ends',
  async scheme => {
    expect(await authenticate(requestWith(`${scheme} ${token}`))).toMatchObject({
      viewer: { clientId: 'dms-1', scopes: new Set(['parts:read']), partner: { bpnl: 'BPNL00000000001A' } },
      expiresAtMs: (NOW_SECONDS + 600) * 1_000,
    })
  },
)

describe('another header is refused as any invalid token is', () => {
  test.each<[string, () => string | undefined]>([
    ['none', () => undefined],
    ['empty', () => ''],
    ['the token alone', () => token],
    ['the scheme alone', () => 'Bearer '],
    ['another scheme', () => `DPoP ${token}`],
    ['two spaces', () => `Bearer  ${token}`],
    ['a tab', () => `Bearer\t${token}`],
    ['a space before', () => ` Bearer ${token}`],
    ['a space after', () => `Bearer ${token} `],
    ['two tokens', () => `Bearer ${token}, Bearer ${token}`],
    ['quotes', () => `Bearer "${token}"`],
    ['a line break after', () => `Bearer ${token}\n`],
    ['padding in the middle', () => `Bearer a=${token}`],
    ['1 MiB', () => `Bearer ${'a'.repeat(1_048_576)}`],
  ])('%s', async (_, header) => {
    await expect(authenticate(requestWith(header()))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      httpStatus: 401,
      message: 'A valid access token for this service is required.',
    })
  })
})

test('a client that is not registered, or whose partner is disabled, is forbidden at once', async () => {
  const refusal = {
    code: 'FORBIDDEN',
    httpStatus: 403,
    message: 'The partner of this client is not registered here or is disabled.',
  }
  await expect(
    authenticate(requestWith(`Bearer ${await signToken(key, { client_id: 'other' })}`)),
  ).rejects.toMatchObject(refusal)
  recovery.grant([{ ...PARTNER, disabled: true }])
  await expect(authenticate(requestWith(`Bearer ${token}`))).rejects.toMatchObject(refusal)
  recovery.grant([PARTNER])
  await expect(authenticate(requestWith(`Bearer ${token}`))).resolves.toBeDefined()
})

test('no claim of a token widens what the registry grants', async () => {
  const claims = fc.record(
    {
      scope: fc.constantFrom('parts:read schema:read', 'schema:read', 'payments:read parts:read *'),
      scopes: fc.constant(['schema:read']),
      scp: fc.constant(['schema:read']),
      roles: fc.constant(['INTERNAL']),
      groups: fc.constant(['INTERNAL']),
      bpnl: fc.constant('BPNL00000000009Z'),
      sites: fc.constant(['BPNS00000000009Z']),
      wave: fc.constant(1),
      sub: fc.constantFrom('other', 'admin'),
      azp: fc.constant('other'),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(claims, async more => {
      const { viewer } = await authenticate(requestWith(`Bearer ${await signToken(key, more)}`))
      const { partner, scopes, clientId } = viewer
      expect(partner).toEqual({
        bpnl: 'BPNL00000000001A',
        name: 'Hallam Cars',
        roles: ['RETAILER'],
        sites: [],
        wave: null,
      })
      expect(clientId).toBe('dms-1')
      expect([...scopes].filter(scope => scope !== 'parts:read')).toEqual([])
    }),
    { numRuns: 100 },
  )
})
