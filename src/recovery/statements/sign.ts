import { randomUUID } from 'node:crypto'
import { CompactSign } from 'jose'
import { parseClaims, parseEnvelope } from './claims.ts'
import { typOf } from './compact-form.ts'
import type { SigningKey } from './signing-key.ts'
import type { ClaimsInputOf, KindName } from './statement-kinds.ts'

export interface StatementDraft<K extends KindName> {
  readonly key: SigningKey
  /** The gateway that it is for. */
  readonly audience: string
  readonly incident: string
  readonly kind: K
  /** As they are written: the subject included, the envelope's claims left out. */
  readonly claims: ClaimsInputOf<K>
  /** Cut to whole seconds. */
  readonly issuedAtMs: number
  readonly lifetimeSeconds: number
  /** `jti`, a UUID; left out: a new one. */
  readonly id?: string
  /** From when on it counts; left out: from `issuedAtMs` on. Cut to whole seconds. */
  readonly notBeforeMs?: number
}

/**
 * Signs a statement: a compact JWS. Called by the command line for people and by the gateway for its
 * own closings. Throws `ConfigError` where the claims are not those of the kind; whether the key may sign them is the
 * verifier's to say.
 */
export async function signStatement<K extends KindName>(draft: StatementDraft<K>): Promise<string> {
  const { key, kind, notBeforeMs } = draft
  const iat = Math.floor(draft.issuedAtMs / 1_000)
  const envelope = parseEnvelope(
    {
      ver: 1,
      aud: draft.audience,
      inc: draft.incident,
      jti: draft.id ?? randomUUID(),
      iat,
      ...(notBeforeMs === undefined ? {} : { nbf: Math.floor(notBeforeMs / 1_000) }),
      exp: iat + draft.lifetimeSeconds,
    },
    kind,
  )
  const payload = { ...envelope, ...parseClaims(kind, draft.claims, kind) }
  return new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: key.algorithm, typ: typOf(kind), kid: key.keyId })
    .sign(key.privateKey)
}
