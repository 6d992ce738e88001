import { hash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, SignJWT } from 'jose'
import type { SharedStore } from '../../src/store/shared-store.ts'
import { StoreUnavailable } from '../../src/store/shared-store.ts'
import { NOW_SECONDS, type TestKey } from './issuer.ts'

/** What a client with a key of its own sends: real DPoP proofs, with changes of the test's choice. */

export const PUBLIC_URL = 'https://gateway.example'

export interface ProofChange {
  /** A claim or header member that is undefined is left out. */
  readonly claims?: object
  readonly header?: object
}

export async function signProof(key: TestKey, token: string, { claims, header }: ProofChange = {}): Promise<string> {
  const { kid: _, ...jwk } = key.publicJwk
  const payload = {
    jti: randomUUID(),
    htm: 'POST',
    htu: `${PUBLIC_URL}/graphql`,
    iat: NOW_SECONDS,
    ath: hash('sha256', token, 'base64url'),
    ...claims,
  }
  return new SignJWT(JSON.parse(JSON.stringify(payload)))
    .setProtectedHeader(JSON.parse(JSON.stringify({ typ: 'dpop+jwt', alg: key.alg, jwk, ...header })))
    .sign(key.privateKey)
}

export const thumbprintOf = (key: TestKey): Promise<string> => calculateJwkThumbprint(key.publicJwk)

export interface FakeStore extends Pick<SharedStore, 'claim' | 'connectedSince'> {
  /** What claims were made, with their time to live. */
  readonly claims: Map<string, number>
  away(): void
  /** Comes back, empty, at this instant. */
  back(atMs: number): void
}

/** A shared store in memory, which can be away. */
export function createFakeStore(sinceMs = 0): FakeStore {
  const claims = new Map<string, number>()
  let since: number | null = sinceMs
  return {
    claims,
    async claim(key, ttlMs) {
      if (since === null) throw new StoreUnavailable('away')
      if (claims.has(key)) return false
      claims.set(key, ttlMs)
      return true
    },
    connectedSince: () => since,
    away() {
      since = null
    },
    back(atMs) {
      claims.clear()
      since = atMs
    },
  }
}
