import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { canonicalBytes } from '../model/base64url.ts'
import type { Clock } from '../model/clock.ts'
import { Unauthenticated } from './unauthenticated.ts'

/**
 * Verifies JWT access tokens (RFC 9068). Called by the authenticator. What comes out is what the issuer signed; what
 * the client may do with it is said by the partner registry alone. It follows no URL and takes no key out of a token.
 */

export interface AccessToken {
  readonly clientId: string
  readonly scopes: ReadonlySet<string>
  /** From when it is accepted, in milliseconds since the Unix epoch: the skew before it was issued, or before its claim `nbf`. */
  readonly usableFromMs: number
  /** When it stops being accepted, in milliseconds since the Unix epoch: its end and the skew that is allowed for. */
  readonly expiresAtMs: number
  /** What its sender has to prove; null: nothing, whoever bears it may use it. */
  readonly confirmation: Confirmation | null
}

/** To what a token is bound (RFC 7800): at least one of the two, and both where both are there. */
export interface Confirmation {
  /** SHA-256 thumbprint of the key that signs DPoP proofs (RFC 9449 §6.1). */
  readonly jkt: string | null
  /** SHA-256 of the client certificate in DER (RFC 8705 §3.1). */
  readonly x5tS256: string | null
}

/**
 * Verifies a token in compact form; throws `Unauthenticated`, with the reason as its cause. `challenge` is for the header of
 * that refusal.
 */
export type AccessTokenVerifier = (token: string, challenge?: string) => Promise<AccessToken>

export interface AccessTokenOptions {
  readonly issuer: string
  readonly audience: string
  /** JWS algorithms that are accepted, whatever a token or a key names. */
  readonly algorithms: readonly string[]
  readonly clockSkewSeconds: number
  readonly keys: JWTVerifyGetKey
  readonly clock: Clock
}

/** Longest token that is read at all, in characters. */
const MAX_TOKEN_LENGTH = 8_192

export function createAccessTokenVerifier(options: AccessTokenOptions): AccessTokenVerifier {
  const { issuer, audience, clockSkewSeconds, keys, clock } = options
  const algorithms = [...options.algorithms]
  return async (token, challenge) => {
    try {
      assertCompactForm(token)
      const now = clock.now()
      const { payload } = await jwtVerify(token, keys, {
        algorithms,
        issuer,
        audience,
        typ: 'at+jwt',
        clockTolerance: clockSkewSeconds,
        currentDate: new Date(now),
        requiredClaims: REQUIRED_CLAIMS,
      })
      return accessTokenOf(payload, now / 1_000, clockSkewSeconds)
    } catch (cause) {
      throw new Unauthenticated(withoutClaims(cause), challenge === undefined ? {} : { challenge })
    }
  }
}

/** The library's errors carry all that the token claims, which is nothing for the log. */
function withoutClaims(thrown: unknown): unknown {
  return thrown instanceof errors.JOSEError ? new Error(`${thrown.code}: ${thrown.message}`) : thrown
}

/** Three parts, each written in the one way that it can be. */
function assertCompactForm(token: string): void {
  if (token.length > MAX_TOKEN_LENGTH) throw new Error(`the token is longer than ${MAX_TOKEN_LENGTH} characters`)
  const parts = token.split('.')
  if (parts.length !== 3) throw new Error(`the token has ${parts.length} parts, not three`)
  for (const part of parts) if (canonicalBytes(part) === null) throw new Error('a part of the token is not base64url')
}

/** RFC 9068 §2.2. */
const REQUIRED_CLAIMS = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']

/** Printable, and no longer than a log line or a key should carry. */
const identifier = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'is not an identifier of 1 to 255 printable characters')

const thumbprint = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'is not a SHA-256 thumbprint')

/** Strict: a binding that is not known here could not be checked, so its token is not taken. */
const confirmationSchema = z
  .strictObject({ jkt: thumbprint.optional(), 'x5t#S256': thumbprint.optional() })
  .refine(({ jkt, 'x5t#S256': x5t }) => (jkt ?? x5t) !== undefined, 'names nothing that the token is bound to')
  .transform(({ jkt = null, 'x5t#S256': x5tS256 = null }): Confirmation => ({ jkt, x5tS256 }))

const claimsSchema = z.object({
  sub: identifier,
  client_id: identifier,
  jti: identifier,
  iat: z.number(),
  exp: z.number(),
  nbf: z.number().optional(),
  /** RFC 6749 §3.3: scope tokens, one space between them. */
  scope: z
    .string()
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/, 'is not a list of scopes')
    .optional(),
  cnf: confirmationSchema.optional(),
})

function accessTokenOf(payload: JWTPayload, nowSeconds: number, clockSkewSeconds: number): AccessToken {
  const { client_id, scope, iat, exp, nbf = iat, cnf } = claimsSchema.parse(payload)
  if (iat > nowSeconds + clockSkewSeconds) throw new Error('the token is issued in the future')
  return {
    clientId: client_id,
    scopes: new Set(scope?.split(' ')),
    usableFromMs: Math.ceil(Math.max(iat, nbf) - clockSkewSeconds) * 1_000,
    expiresAtMs: (exp + clockSkewSeconds) * 1_000,
    confirmation: cnf ?? null,
  }
}
