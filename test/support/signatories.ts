import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { signStatement } from '../../src/recovery/statements/sign.ts'
import { SIGNATORY_ROLES, type SignatoryRole } from '../../src/recovery/statements/signatory.ts'
import { createSigningKey, parseSigningKey, type SigningKey } from '../../src/recovery/statements/signing-key.ts'
import type { KindName } from '../../src/recovery/statements/statement-kinds.ts'
import { SAMPLE_SIGNERS } from '../recovery/statements/sample.ts'

/** Everybody who signs at a site: a key for each role, the file in which their public parts are pinned, and what they sign. */
export interface Signatories {
  readonly files: {
    /** The pinned public keys, and their digest. */
    readonly keys: string
    readonly sha256: string
    /** The gateway's own private key. */
    readonly signingKey: string
  }
  key(role: SignatoryRole): SigningKey
  sign(kind: KindName, claims: object, options?: SignOptions): Promise<string>
}

export interface SignOptions {
  readonly role?: SignatoryRole
  readonly lifetimeSeconds?: number
  readonly issuedAtMs?: number
  readonly audience?: string
  readonly incident?: string
}

/** Writes both files into the directory. */
export async function createSignatories(
  directory: string,
  named: { readonly audience: string; readonly incident: string },
): Promise<Signatories> {
  const files = { keys: join(directory, 'keys.jwks.json'), signingKey: join(directory, 'gateway.jwk.json') }
  const keys = new Map<SignatoryRole, SigningKey>()
  const pinned: object[] = []
  for (const role of SIGNATORY_ROLES) {
    const { privateJwk, publicJwk } = await createSigningKey('EdDSA')
    keys.set(role, await parseSigningKey(privateJwk, role))
    pinned.push({ ...publicJwk, role, name: `The ${role}` })
    if (role === 'GATEWAY') await writeFile(files.signingKey, JSON.stringify(privateJwk), { mode: 0o600 })
  }
  const text = JSON.stringify({ keys: pinned })
  await writeFile(files.keys, text)
  const key = (role: SignatoryRole): SigningKey => {
    const found = keys.get(role)
    if (found === undefined) throw new Error(`no key for ${role}`)
    return found
  }
  return {
    files: { ...files, sha256: createHash('sha256').update(text).digest('hex') },
    key,
    sign: (
      kind,
      claims,
      { role = SAMPLE_SIGNERS[kind], lifetimeSeconds = 3_600, issuedAtMs = Date.now(), ...rest } = {},
    ) =>
      signStatement({
        key: key(role),
        ...named,
        kind,
        // Checked by the kind's schema when they are signed.
        claims: claims as never,
        issuedAtMs,
        lifetimeSeconds,
        ...rest,
      }),
  }
}
