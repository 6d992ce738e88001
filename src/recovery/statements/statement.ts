import { createHash } from 'node:crypto'
import type { Payload } from './claims.ts'
import type { Signatory } from './signatory.ts'
import type { KindName, Statement } from './statement-kinds.ts'

/** Makes the statement that a token and its parsed payload are. Called by the two that read tokens; it checks nothing. */
export function createStatement<K extends KindName>(
  token: string,
  kind: K,
  { envelope, claims }: Payload<K>,
  { keyId, role, name }: Signatory,
): Statement {
  return {
    kind,
    id: envelope.jti,
    token,
    digest: createHash('sha256').update(token).digest('hex'),
    issuedAt: timeOf(envelope.iat),
    expiresAt: timeOf(envelope.exp),
    notBefore: envelope.nbf === undefined ? null : timeOf(envelope.nbf),
    signedBy: { keyId, role, name },
    claims,
    // The kind and its claims belong together, which the compiler cannot see through the type parameter.
  } as Statement
}

const timeOf = (seconds: number): string => new Date(seconds * 1_000).toISOString()
