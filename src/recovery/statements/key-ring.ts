import { createHash, createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { CryptoKey } from 'jose'
import { z } from 'zod'
import { ensureError } from '../../model/errors.ts'
import { ConfigError, parseOperatorFile, refuseRepeats } from '../../model/operator-file.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../model/system.ts'
import { keyIdOf, keyParameters, type PublicMembers } from './key-id.ts'
import { type PinnedSignatory, SIGNATORY_ROLES, type SignatoryRole } from './signatory.ts'
import { instant, line } from './vocabulary.ts'

/**
 * The pinned keys: who may sign statements, and in what role. Made once at start, from a local file alone; nothing in a
 * token adds a key or a role, and nothing here asks the network.
 */
export interface KeyRing {
  find(keyId: string): PinnedSignatory | undefined
  publicKey(keyId: string): CryptoKey | undefined
  /** In the order of the file. */
  all(): readonly PinnedSignatory[]
  /**
   * From when on nothing that this key signed in this role about this system counts: an instant, `always` where the file
   * does not have the key in this role and for this system, null while it is in force.
   */
  withdrawalOf(keyId: string, role: SignatoryRole, system: SystemKey): string | 'always' | null
}

/** Reads the file of pinned keys. Throws `ConfigError`, also where `sha256` (hexadecimal) is given and is not that of its bytes. */
export async function readKeyRing(file: string, sha256: string | null): Promise<KeyRing> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (thrown) {
    throw new ConfigError([`${file}: cannot be read: ${ensureError(thrown).message}; must be a JWK set (RFC 7517)`])
  }
  const actual = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== null && sha256.toLowerCase() !== actual)
    throw new ConfigError([
      `${file}: its SHA-256 is ${actual}, and ${sha256} is pinned; review the keys, then pin the digest of the file that is right`,
    ])
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    // Without the cause: its message quotes the file, in which a private key may stand by mistake.
    throw new ConfigError([`${file}: is not JSON; must be a JWK set (RFC 7517)`])
  }
  return parseKeyRing(value, file)
}

/** Parses `{ keys: [{ kty, crv, x, y?, alg, role, name, kid?, systems?, withdrawn_at? }] }`; throws `ConfigError`. */
export function parseKeyRing(value: unknown, source: string): KeyRing {
  const pinned = new Map(
    parseOperatorFile(keySetSchema, { source, value }).keys.map(key => {
      const signatory: PinnedSignatory = {
        keyId: keyIdOf(key),
        role: key.role,
        name: key.name,
        algorithm: key.alg,
        systems: key.systems ?? null,
        withdrawnAt: key.withdrawn_at ?? null,
      }
      return [signatory.keyId, { signatory, publicKey: importPublicKey(key) }] as const
    }),
  )
  return {
    find: keyId => pinned.get(keyId)?.signatory,
    publicKey: keyId => pinned.get(keyId)?.publicKey,
    all: () => [...pinned.values()].map(({ signatory }) => signatory),
    withdrawalOf(keyId, role, system) {
      const signatory = pinned.get(keyId)?.signatory
      return signatory?.role === role && isCovered(signatory, system) ? signatory.withdrawnAt : 'always'
    },
  }
}

const isCovered = ({ systems }: PinnedSignatory, system: SystemKey): boolean =>
  systems === null || systems.includes(system)

/** 32 bytes, in the one way that base64url writes them without padding. */
const coordinate = z
  .string()
  .regex(/^[\w-]{42}[AEIMQUYcgkosw048]$/, 'must be 32 bytes in base64url, which is 43 characters without padding')

const pinning = {
  kid: z.string().optional(),
  use: z.literal('sig').optional(),
  role: z.enum(SIGNATORY_ROLES),
  name: line,
  systems: z
    .array(z.enum(SYSTEM_KEYS))
    .min(1)
    .superRefine(refuseRepeats(key => key))
    .optional(),
  withdrawn_at: instant.optional(),
  d: z.never('is the private part; only public keys belong here, and this one must not be used any more').optional(),
}

const keySchema = z
  .discriminatedUnion('kty', [
    z.strictObject({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      alg: z.literal('EdDSA'),
      x: coordinate,
      ...pinning,
    }),
    z.strictObject({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      alg: z.literal('ES256'),
      x: coordinate,
      y: coordinate,
      ...pinning,
    }),
  ])
  .superRefine((key, context) => {
    const keyId = keyIdOf(key)
    if (key.kid !== undefined && key.kid !== keyId)
      context.addIssue({ code: 'custom', path: ['kid'], message: `must be ${keyId}, the key's thumbprint (RFC 7638)` })
    try {
      importPublicKey(key)
    } catch {
      context.addIssue({ code: 'custom', message: `is not a point of the curve ${key.crv}` })
    }
  })

const keySetSchema = z.strictObject({
  keys: z
    .array(keySchema)
    .min(1)
    .superRefine(refuseRepeats(key => keyIdOf(key))),
})

function importPublicKey(key: PublicMembers & { readonly alg: PinnedSignatory['algorithm'] }): CryptoKey {
  const { kty, crv, x } = key
  const jwk = key.kty === 'EC' ? { kty, crv, x, y: key.y } : { kty, crv, x }
  return createPublicKey({ key: jwk, format: 'jwk' }).toCryptoKey(keyParameters(key.alg), true, ['verify'])
}
