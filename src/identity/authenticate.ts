import type { Viewer } from '../model/viewer.ts'
import type { AccessTokenVerifier } from './access-token.ts'
import { forbidden } from './forbidden.ts'
import type { PartnerRegistry } from './partner-registry.ts'
import { unauthenticated } from './unauthenticated.ts'

/**
 * From an Authorization header to the viewer, or a refusal. Called by the edge for every request that reads data. It
 * knows one scheme, Bearer, and takes nothing about the partner from the token but which client it is.
 */
export type Authenticator = (authorization: string | undefined) => Promise<Authenticated>

export interface Authenticated {
  readonly viewer: Viewer
  /** When the token stops being accepted, in milliseconds since the Unix epoch: what outlasts a request ends then. */
  readonly expiresAtMs: number
}

export interface AuthenticatorOptions {
  readonly verifier: AccessTokenVerifier
  readonly registry: PartnerRegistry
}

/** `Bearer` and a b64token (RFC 6750 §2.1); the scheme in any case (RFC 9110 §11.1). */
const BEARER = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i

/** Longest header that is read at all, in characters. */
const MAX_HEADER_LENGTH = 8_200

/** The result throws `GatewayError`: UNAUTHENTICATED without a valid token, FORBIDDEN where its client has no partner here. */
export function createAuthenticator({ verifier, registry }: AuthenticatorOptions): Authenticator {
  return async authorization => {
    if (authorization === undefined) throw unauthenticated(new Error('there is no Authorization header'))
    if (authorization.length > MAX_HEADER_LENGTH)
      throw unauthenticated(new Error('the Authorization header is too long'))
    const token = BEARER.exec(authorization)?.[1]
    if (token === undefined) throw unauthenticated(new Error('the Authorization header is not a bearer token'))
    const { clientId, scopes, expiresAtMs } = await verifier(token)
    const viewer = registry.viewerFor(clientId, scopes)
    if (viewer === null) throw forbidden(clientId)
    return { viewer, expiresAtMs }
  }
}
