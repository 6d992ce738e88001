import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import type { Clock } from '../../src/model/clock.ts'

/** A real issuer for tests: real keys, real signatures, claims and header of the test's choice. */

export const ISSUER = 'https://id.example'
export const AUDIENCE = 'https://gateway.example'
/** 2025-10-06T08:00:00Z. */
export const NOW_SECONDS = 1_759_737_600

export interface MovableClock extends Clock {
  advance(seconds: number): void
}

export function clockAtNow(): MovableClock {
  let now = NOW_SECONDS * 1_000
  return {
    now: () => now,
    advance(seconds) {
      now += seconds * 1_000
    },
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
