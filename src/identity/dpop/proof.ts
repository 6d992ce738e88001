import { hash } from 'node:crypto'
import { calculateJwkThumbprint, importJWK, type JWK, jwtVerify } from 'jose'
import { z } from 'zod'
import { canonicalBytes } from '../../model/base64url.ts'
import type { Clock } from '../../model/clock.ts'

/**
 * Verifies one DPoP proof (RFC 9449 §4.3) against the request and the token that it came with. Called by the check of
 * senders, once the token is known to be good. Whether the proof was used before is not its question.
 */
export interface Proof {
  /** Thumbprint of the key that signed it (RFC 7638, SHA-256). */
  readonly jkt: string
  readonly jti: string
  /** By the client's clock, in milliseconds since the Unix epoch. */
  readonly issuedAtMs: number
  readonly nonce: string | null
}

/** The request that a proof has to be about. */
export interface ProvenRequest {
  readonly method: string
  /** Path and query, as received. */
  readonly url: string
  readonly token: string
  /** The thumbprint that the token is bound to. */
  readonly jkt: string
}

/** Throws a plain `Error` that says which check failed, for the log. */
export type ProofVerifier = (proof: string, request: ProvenRequest) => Promise<Proof>

export interface ProofVerifierOptions {
  /** What partners know the gateway by; never taken from the request. */
  readonly publicUrls: readonly string[]
  readonly algorithms: readonly string[]
  /** How long a proof may be used. */
  readonly proofSeconds: number
  /** How far the client's clock may be ahead. */
  readonly clockSkewSeconds: number
  readonly clock: Clock
}

/** Longest proof that is read at all, in characters: room for an RSA key and signature of 4,096 bits each. */
const MAX_PROOF_LENGTH = 4_096

const identifier = z.string().regex(/^[\x21-\x7e]{1,255}$/)
const claimsSchema = z.object({
  jti: identifier,
  htm: z.string(),
  htu: z.string().max(2_048),
  iat: z.number(),
  ath: z.string(),
  nonce: identifier.optional(),
})

const coordinate = z.string().max(1_100)
/** The members that make a key (RFC 7638 §3.2); a long exponent would only make verification slow. */
const publicJwkSchema = z.discriminatedUnion('kty', [
  z.object({ kty: z.literal('EC'), crv: z.string(), x: coordinate, y: coordinate }),
  z.object({ kty: z.literal('OKP'), crv: z.string(), x: coordinate }),
  z.object({ kty: z.literal('RSA'), n: coordinate, e: z.string().max(6) }),
])
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

export function createProofVerifier(options: ProofVerifierOptions): ProofVerifier {
  const { proofSeconds, clockSkewSeconds, clock } = options
  const algorithms = [...options.algorithms]
  const bases = options.publicUrls.map(url => new URL(url).href.replace(/\/$/, ''))

  function assertAbout(claims: z.output<typeof claimsSchema>, { method, url, token }: ProvenRequest): void {
    if (claims.htm !== method) throw new Error('the proof is for another method')
    const [path = ''] = url.split('?', 1)
    const target = withoutQuery(claims.htu)
    if (!bases.some(base => `${base}${path}` === target)) throw new Error('the proof is for another URL')
    if (claims.ath !== hash('sha256', token, 'base64url')) throw new Error('the proof is for another token')
    const now = clock.now() / 1_000
    if (claims.iat > now + clockSkewSeconds) throw new Error('the proof is issued in the future')
    if (claims.iat < now - proofSeconds) throw new Error('the proof is too old')
  }

  return async (proof, request) => {
    assertCompactForm(proof)
    const key = async ({ jwk, alg }: { readonly jwk?: JWK; readonly alg: string }) => {
      const publicJwk = parsePublicJwk(jwk)
      if ((await calculateJwkThumbprint(publicJwk)) !== request.jkt)
        throw new Error('the token is bound to another key')
      return importJWK(publicJwk, alg)
    }
    const currentDate = new Date(clock.now())
    const { payload } = await jwtVerify(proof, key, { algorithms, typ: 'dpop+jwt', currentDate })
    const claims = claimsSchema.parse(payload)
    assertAbout(claims, request)
    return { jkt: request.jkt, jti: claims.jti, issuedAtMs: claims.iat * 1_000, nonce: claims.nonce ?? null }
  }
}

function assertCompactForm(proof: string): void {
  if (proof.length > MAX_PROOF_LENGTH) throw new Error(`the proof is longer than ${MAX_PROOF_LENGTH} characters`)
  const parts = proof.split('.')
  if (parts.length !== 3) throw new Error(`the proof has ${parts.length} parts, not three`)
  for (const part of parts) if (canonicalBytes(part) === null) throw new Error('a part of the proof is not base64url')
}

function parsePublicJwk(jwk: unknown): JWK {
  for (const member of PRIVATE_MEMBERS)
    if (Object.hasOwn(Object(jwk), member)) throw new Error('the proof shows a private key')
  return publicJwkSchema.parse(jwk)
}

/** RFC 9449 §4.3: compared after normalisation (RFC 3986 §6.2.2, §6.2.3), without query and fragment. */
function withoutQuery(htu: string): string {
  const url = new URL(htu)
  url.search = ''
  url.hash = ''
  return url.href
}
