import { hash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, SignJWT } from 'jose'
import type { DpopStore } from '../../src/identity/dpop/dpop.ts'
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

export interface FakeStore extends DpopStore {
  /** What claims were made, with their time to live. */
  readonly claims: Map<string, number>
  away(): void
  /** Comes back at this instant: empty, or with what it held when that was saved. */
  back(atMs: number, holding?: Held): void
  save(): Held
  /** Whether it takes what is written. */
  isFull: boolean
}

interface Held {
  readonly claims: ReadonlyMap<string, number>
  readonly ends: ReadonlyMap<string, number>
  readonly sums: ReadonlyMap<string, number>
}

/** A shared store in memory, which can be away. By the time of `timeMs` it forgets; left out, it never does. */
export function createFakeStore({ timeMs = () => 0 }: { readonly timeMs?: () => number } = {}): FakeStore {
  const claims = new Map<string, number>()
  const ends = new Map<string, number>()
  const sums = new Map<string, number>()
  let since: number | null = 0

  function assertHere(isWritten: boolean): void {
    if (since === null || (isWritten && store.isFull)) throw new StoreUnavailable('away')
    for (const [key, end] of ends) if (end <= timeMs()) for (const held of [claims, sums, ends]) held.delete(key)
  }

  const store: FakeStore = {
    claims,
    isFull: false,
    async claim(key, ttlMs) {
      assertHere(true)
      if (claims.has(key)) return false
      claims.set(key, ttlMs)
      ends.set(key, timeMs() + ttlMs)
      return true
    },
    async sum(key) {
      assertHere(false)
      const total = sums.get(key)
      return total === undefined ? null : { total, remainingMs: 1 }
    },
    async addWithin(key, amount, limit, ttlMs) {
      assertHere(true)
      const total = (sums.get(key) ?? 0) + amount
      sums.set(key, total)
      if (!ends.has(key)) ends.set(key, timeMs() + ttlMs)
      return { total, remainingMs: ttlMs, isWithin: total <= limit }
    },
    connectedSince: () => since,
    save: () => ({ claims: new Map(claims), ends: new Map(ends), sums: new Map(sums) }),
    away() {
      since = null
    },
    back(atMs, holding = { claims: new Map(), ends: new Map(), sums: new Map() }) {
      for (const [held, kept] of [
        [claims, holding.claims],
        [ends, holding.ends],
        [sums, holding.sums],
      ] as const) {
        held.clear()
        for (const [key, value] of kept) held.set(key, value)
      }
      since = atMs
    },
  }
  return store
}
