import { hash, type X509Certificate } from 'node:crypto'
import type { TokenBinding } from '../model/partner-entry.ts'
import type { AccessToken, Confirmation } from './access-token.ts'

/**
 * What ties a token to its sender beside DPoP. Called by the authenticator, for tokens that are bound and for partners
 * whose tokens must be.
 */

/**
 * Throws a plain `Error` where a token is bound to another certificate than that of the connection (RFC 8705 §3). Only
 * its digest counts: whether the certificate is genuine the issuer knew when it bound the token to it.
 */
export function assertSameCertificate({ x5tS256 }: Confirmation, certificate: () => X509Certificate | null): void {
  if (x5tS256 === null) return
  const shown = certificate()
  if (shown === null) throw new Error('the token is bound to a certificate, and the connection shows none')
  if (hash('sha256', shown.raw, 'base64url') !== x5tS256) throw new Error('the token is bound to another certificate')
}

/** Throws a plain `Error` where a partner is enrolled for bound tokens and this one is not bound so. */
export function assertBound(binding: TokenBinding, { confirmation }: Pick<AccessToken, 'confirmation'>): void {
  switch (binding) {
    case 'NONE':
      return
    case 'DPOP':
      if (confirmation === null || confirmation.jkt === null)
        throw new Error('the tokens of this partner must be bound to a key')
      return
    case 'MUTUAL_TLS':
      if (confirmation === null || confirmation.x5tS256 === null)
        throw new Error('the tokens of this partner must be bound to a certificate')
      return
    default:
      binding satisfies never
  }
}
