import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import type { KeySource } from '../../src/config/identity-schema.ts'
import type { AuthenticationRequest } from '../../src/identity/authenticate.ts'
import { createSigningKeys } from '../../src/identity/keys/open-keys.ts'
import type { Clock } from '../../src/model/clock.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { quietLog } from '../connectors/quiet-log.ts'

/** A real issuer for tests: real keys, real signatures, claims and header of the test's choice. */

export const ISSUER = 'https://id.example'
export const AUDIENCE = 'https://gateway.example'
/** 2025-10-06T08:00:00Z. */
export const NOW_SECONDS = 1_759_737_600

export interface MovableClock extends Clock {
  /** Time passes, for all clocks. */
  advance(seconds: number): void
  /** Somebody sets this one: forth, or back by less than nothing. */
  set(seconds: number): void
  /** Another clock, which nobody can set. */
  monotonicMs(): number
}

export function clockAtNow(): MovableClock {
  let setMs = 0
  let passedMs = 0
  return {
    now: () => NOW_SECONDS * 1_000 + setMs + passedMs,
    advance(seconds) {
      passedMs += seconds * 1_000
    },
    set(seconds) {
      setMs += seconds * 1_000
    },
    monotonicMs: () => passedMs,
  }
}

export interface TestKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK & { readonly kid: string }
}

export async function createKey(kid: string, alg = 'ES256'): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid } as TestKey['publicJwk'] }
}

export const CLAIMS: JWTPayload = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'dms-1',
  client_id: 'dms-1',
  iat: NOW_SECONDS - 10,
  exp: NOW_SECONDS + 600,
  jti: 'token-1',
  scope: 'parts:read orders:read',
}

/** Signs the standard claims with changes; a change to undefined takes the claim or header member away. */
export function signToken(key: TestKey, claims: object = {}, header: object = {}): Promise<string> {
  const protectedHeader = { alg: key.alg, typ: 'at+jwt', kid: key.kid, ...header }
  return new SignJWT(JSON.parse(JSON.stringify({ ...CLAIMS, ...claims })))
    .setProtectedHeader(JSON.parse(JSON.stringify(protectedHeader)))
    .sign(key.privateKey)
}

/** The issuer's keys, as identity opens them. */
export const openKeys = (source: KeySource, clock: Clock, { issuer = ISSUER, log = quietLog() } = {}) =>
  createSigningKeys({ source, issuer, algorithms: ['ES256', 'EdDSA'], clock, log, counters: createCounters() })

/** A request for data; without proof and certificate, unless given. */
export const requestWith = (
  authorization: string | undefined,
  rest: Partial<AuthenticationRequest> = {},
): AuthenticationRequest => ({
  authorization,
  method: 'POST',
  url: '/graphql',
  proofs: [],
  certificate: null,
  ...rest,
})

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The other ES256 signature of the same bytes by the same key: (r, n - s). Both verify. */
export function otherSignature(signature: string): string {
  const bytes = Buffer.from(signature, 'base64url')
  const s = P256_ORDER - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  return Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]).toString(
    'base64url',
  )
}
