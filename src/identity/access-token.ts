import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { canonicalBytes } from '../model/base64url.ts'
import type { Clock } from '../model/clock.ts'
import { unauthenticated } from './unauthenticated.ts'

/**
 * Verifies JWT access tokens (RFC 9068). Called by the authenticator. What comes out is what the issuer signed; what
 * the client may do with it is said by the partner registry alone. It follows no URL and takes no key out of a token.
 */

interface AccessToken {
  readonly clientId: string
  readonly scopes: ReadonlySet<string>
  /** When it stops being accepted, in milliseconds since the Unix epoch: its end and the skew that is allowed for. */
  readonly expiresAtMs: number
}

/** Verifies a token in compact form; throws `GatewayError` UNAUTHENTICATED, with the reason as its cause. */
export type AccessTokenVerifier = (token: string) => Promise<AccessToken>

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
  return async token => {
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
      throw unauthenticated(cause)
    }
  }
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

const claimsSchema = z.object({
  sub: identifier,
  client_id: identifier,
  jti: identifier,
  iat: z.number(),
  exp: z.number(),
  /** RFC 6749 §3.3: scope tokens, one space between them. */
  scope: z
    .string()
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/, 'is not a list of scopes')
    .optional(),
})

function accessTokenOf(payload: JWTPayload, nowSeconds: number, clockSkewSeconds: number): AccessToken {
  const { client_id, scope, iat, exp } = claimsSchema.parse(payload)
  if (iat > nowSeconds + clockSkewSeconds) throw new Error('the token is issued in the future')
  return {
    clientId: client_id,
    scopes: new Set(scope?.split(' ')),
    expiresAtMs: (exp + clockSkewSeconds) * 1_000,
  }
}
