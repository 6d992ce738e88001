import { createLocalJWKSet } from 'jose'
import { createAccessTokenVerifier } from '../../src/identity/access-token.ts'
import { type Authenticated, type AuthenticationRequest, createAuthenticator } from '../../src/identity/authenticate.ts'
import { createDpop } from '../../src/identity/dpop/dpop.ts'
import type { SigningKeys } from '../../src/identity/keys/signing-keys.ts'
import { createKnownTokens } from '../../src/identity/known-tokens.ts'
import { createPartnerRegistry } from '../../src/identity/partner-registry.ts'
import type { PartnerEntry } from '../../src/model/partner-entry.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { createDeclaredRecovery, declaredState } from '../support/declared-recovery.ts'
import { AUDIENCE, clockAtNow, ISSUER, type MovableClock, type TestKey } from './issuer.ts'
import { createFakeStore, PUBLIC_URL } from './proofs.ts'

/** Two authenticators over the same keys, grants and clock: one remembers tokens, the other verifies whatever comes. */

export const PARTNER: PartnerEntry = {
  bpnl: 'BPNL00000000001A',
  name: 'Hallam Cars',
  roles: ['RETAILER'],
  sites: [],
  wave: null,
  scopes: ['parts:read'],
  clients: ['dms-1'],
  tokenBinding: 'NONE',
  disabled: false,
  limits: null,
}
export const OTHER: PartnerEntry = { ...PARTNER, bpnl: 'BPNL00000000002B', clients: ['portal-1'] }

type Keys = Pick<SigningKeys, 'find' | 'version'> & {
  /** From now on these count and no others; none: what was known may no longer be used. */
  publish(...keys: readonly TestKey[]): void
}

export function createKeys(): Keys {
  let find: SigningKeys['find'] | null = null
  return {
    async find(header, token) {
      if (find === null) throw new Error('the keys of the issuer are not known')
      return find(header, token)
    },
    version: () => find,
    publish(...keys) {
      find = keys.length === 0 ? null : createLocalJWKSet({ keys: keys.map(key => key.publicJwk) })
    },
  }
}

export function startRemembering(options: {
  readonly max?: number
  readonly keys?: Pick<SigningKeys, 'find' | 'version'>
  readonly clock?: MovableClock
}) {
  const { max = 100, keys = createKeys(), clock = clockAtNow() } = options
  const counters = createCounters()
  const recovery = createDeclaredRecovery(declaredState())
  recovery.grant([PARTNER, OTHER])
  const registry = createPartnerRegistry({ recovery, limits: { operationCost: 1, costPerMinute: 1 } })
  const verifier = createAccessTokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    clockSkewSeconds: 30,
    keys: keys.find,
    clock,
  })
  const createProofs = () =>
    createDpop({
      settings: { algorithms: ['ES256'], proofSeconds: 60, nonceSeconds: 300 },
      publicUrls: [PUBLIC_URL],
      clockSkewSeconds: 30,
      store: createFakeStore(),
      clock,
      monotonicMs: clock.monotonicMs,
      counters: createCounters(),
    })
  const knownTokens = createKnownTokens({ max, keys, registry, clock, counters })
  const counted = (outcome: string) =>
    counters.snapshot().find(({ name, labels }) => name === 'known_tokens' && labels.outcome === outcome)?.value ?? 0
  return {
    clock,
    grant: recovery.grant,
    authenticate: createAuthenticator({ verifier, registry, dpop: createProofs(), knownTokens }),
    verifyAlways: createAuthenticator({ verifier, registry, dpop: createProofs(), knownTokens: null }),
    hits: () => counted('hit'),
    misses: () => counted('miss'),
  }
}

/** What comes of a request, in words: the viewer and the end, or the refusal. */
export async function outcomeOf(
  authenticate: (request: AuthenticationRequest) => Authenticated | Promise<Authenticated>,
  request: AuthenticationRequest,
): Promise<unknown> {
  try {
    return await authenticate(request)
  } catch (thrown) {
    const { code, message, challenge } = Object(thrown)
    return { code, message, challenge }
  }
}
