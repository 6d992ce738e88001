import type { X509Certificate } from 'node:crypto'
import { GatewayError } from '../model/errors.ts'
import type { Viewer } from '../model/viewer.ts'
import type { AccessToken, AccessTokenVerifier } from './access-token.ts'
import { createChallenges } from './challenges.ts'
import type { Dpop } from './dpop/dpop.ts'
import { NonceRequired } from './dpop/single-use.ts'
import { forbidden } from './forbidden.ts'
import type { KnownTokens } from './known-tokens.ts'
import type { PartnerRegistry } from './partner-registry.ts'
import { assertBound, assertSameCertificate } from './sender.ts'
import { Unauthenticated } from './unauthenticated.ts'

/**
 * From a request to the viewer, or a refusal. Called by the edge for every request that reads data. It knows the schemes
 * Bearer and DPoP, and takes nothing about the partner from the token but which client it is. A bearer token that is known
 * is answered at once, without a promise; everything else settles later, a refusal included.
 */
export type Authenticator = (request: AuthenticationRequest) => Authenticated | Promise<Authenticated>

export interface AuthenticationRequest {
  readonly authorization: string | undefined
  readonly method: string
  /** Path and query, as received. */
  readonly url: string
  /** The headers `DPoP`, each by itself. */
  readonly proofs: readonly string[]
  /** The client's, of the connection or by word of a trusted proxy; looked at only where a token is bound to one. */
  readonly certificate: X509Certificate | null
}

export interface Authenticated {
  readonly viewer: Viewer
  /** When the token stops being accepted, in milliseconds since the Unix epoch: what outlasts a request ends then. */
  readonly expiresAtMs: number
  /** The nonce for the client's next proofs, for the header `DPoP-Nonce`. Left out: as before. */
  readonly nonce?: string
}

export interface AuthenticatorOptions {
  readonly verifier: AccessTokenVerifier
  readonly registry: PartnerRegistry
  /** Null: tokens that are bound to a key cannot be used here. */
  readonly dpop: Dpop | null
  /** Null: every token is verified whenever it comes. */
  readonly knownTokens: KnownTokens | null
}

interface Credentials {
  /** The header as it came. */
  readonly authorization: string
  readonly token: string
  readonly isBearer: boolean
}

/** The scheme in any case (RFC 9110 §11.1), and a b64token (RFC 6750 §2.1). */
const CREDENTIALS = /^(Bearer|DPoP) ([A-Za-z0-9._~+/-]+=*)$/i
const BEARER = /^Bearer /i

/** Longest header that is read at all, in characters. */
const MAX_HEADER_LENGTH = 8_200

/** The result rejects with `Unauthenticated`, or FORBIDDEN where the client of a good token has no partner here. */
export function createAuthenticator({ verifier, registry, dpop, knownTokens }: AuthenticatorOptions): Authenticator {
  const challenges = createChallenges(dpop?.algorithms ?? null)

  /** The token, by a scheme that is known here. */
  function credentialsIn(authorization: string | undefined): Credentials {
    if (authorization === undefined)
      throw new Unauthenticated(new Error('there is no Authorization header'), { challenge: challenges.none })
    const [, scheme, token] = authorization.length > MAX_HEADER_LENGTH ? [] : (CREDENTIALS.exec(authorization) ?? [])
    const isBearer = BEARER.test(authorization)
    if (scheme !== undefined && token !== undefined && (isBearer || dpop !== null))
      return { authorization, token, isBearer }
    throw new Unauthenticated(new Error('the Authorization header holds no token of a known scheme'), {
      challenge: isBearer ? challenges.bearer : challenges.none,
    })
  }

  /** Shows that whoever sends the token is who may; gives the nonce for the next time, if there is a new one. */
  async function assertSender(
    { confirmation, clientId }: AccessToken,
    token: string,
    isBearer: boolean,
    request: AuthenticationRequest,
  ): Promise<string | null> {
    if (confirmation !== null) assertSameCertificate(confirmation, () => request.certificate)
    const jkt = confirmation?.jkt ?? null
    if (isBearer) {
      // RFC 9449 §7.2: else whoever stole it could leave the proof away.
      if (jkt !== null) throw new Error('the token is bound to a key and was sent as a bearer token')
      return null
    }
    if (dpop === null || jkt === null) throw new Error('the token is not bound to a key')
    const { method, url, proofs } = request
    try {
      return (await dpop.check(proofs, { method, url, token, jkt, clientId })).nonce
    } catch (thrown) {
      if (thrown instanceof GatewayError) throw thrown
      if (thrown instanceof NonceRequired)
        throw new Unauthenticated(thrown, { challenge: challenges.dpop('use_dpop_nonce'), nonce: thrown.nonce })
      throw new Unauthenticated(thrown, { challenge: challenges.dpop('invalid_dpop_proof') })
    }
  }

  /** @param known what the token says, where that is known; null: it is to be verified */
  async function verified(request: AuthenticationRequest, known: AccessToken | null): Promise<Authenticated> {
    const { authorization, token, isBearer } = credentialsIn(request.authorization)
    const challenge = isBearer ? challenges.bearer : challenges.dpop('invalid_token')
    try {
      const remember = known === null ? knownTokens?.begin() : undefined
      const accessToken = known ?? (await verifier(token, challenge))
      const nonce = await assertSender(accessToken, token, isBearer, request)
      const { clientId, scopes, expiresAtMs } = accessToken
      const viewer = registry.viewerFor(clientId, scopes)
      if (viewer === null) throw forbidden(clientId)
      assertBound(registry.bindingOf(clientId), accessToken)
      const isSenderProven = !isBearer || accessToken.confirmation !== null
      remember?.(authorization, { accessToken, viewer: isSenderProven ? null : viewer })
      return { viewer, expiresAtMs, ...(nonce === null ? {} : { nonce }) }
    } catch (thrown) {
      throw thrown instanceof GatewayError ? thrown : new Unauthenticated(thrown, { challenge })
    }
  }

  return request => {
    const { authorization } = request
    const known = authorization === undefined ? undefined : knownTokens?.find(authorization)
    if (known === undefined) return verified(request, null)
    const { accessToken, viewer } = known
    return viewer === null ? verified(request, accessToken) : { viewer, expiresAtMs: accessToken.expiresAtMs }
  }
}
