import { createHash } from 'node:crypto'

/** The algorithms that statements are signed with (RFC 7518 §3.4, RFC 8037 §3.1). */
export const STATEMENT_ALGORITHMS = ['EdDSA', 'ES256'] as const
export type StatementAlgorithm = (typeof STATEMENT_ALGORITHMS)[number]

/** The public members of a key that a statement can be signed with (RFC 7518 §6.2, RFC 8037 §2). */
export type PublicMembers =
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }

/** Names a key by what it is: its JWK thumbprint with SHA-256 (RFC 7638), in base64url. Called by both ends of a signature. */
export function keyIdOf(key: PublicMembers): string {
  const { kty, crv, x } = key
  // The required members, in the order of their names, without space: RFC 7638 §3.
  const members = key.kty === 'EC' ? { crv, kty, x, y: key.y } : { crv, kty, x }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}

/** The parameters under which Web Crypto knows the keys of an algorithm. */
export function keyParameters(algorithm: StatementAlgorithm): { readonly name: string; readonly namedCurve?: string } {
  return algorithm === 'EdDSA' ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256' }
}
