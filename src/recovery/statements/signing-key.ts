import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { CryptoKey } from 'jose'
import { z } from 'zod'
import { ensureError } from '../../model/errors.ts'
import { keyExposure } from '../../model/file-exposure.ts'
import { ConfigError } from '../../model/operator-file.ts'
import { keyIdOf, keyParameters, type PublicMembers, type StatementAlgorithm } from './key-id.ts'

/**
 * Private keys that sign statements, and the journal's seals. Called by the command line for people and by the gateway
 * for itself. What a key file holds is never repeated: not in an error, not as its cause.
 */

export interface SigningKey {
  /** JWK thumbprint (RFC 7638, SHA-256) of the public part. */
  readonly keyId: string
  readonly algorithm: StatementAlgorithm
  readonly privateKey: CryptoKey
  /** The same key for `node:crypto`, which signs at once. */
  readonly keyObject: KeyObject
}

export type PublicJwk = PublicMembers & { readonly kid: string; readonly alg: StatementAlgorithm }
export type PrivateJwk = PublicJwk & { readonly d: string }

/** Makes a key pair: Ed25519 for EdDSA (RFC 8037), P-256 for ES256 (RFC 7518). The public part goes into the pinned file. */
export async function createSigningKey(
  algorithm: StatementAlgorithm,
): Promise<{ readonly privateJwk: PrivateJwk; readonly publicJwk: PublicJwk }> {
  const { privateKey } =
    algorithm === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { d, ...members } = membersSchema.parse(privateKey.export({ format: 'jwk' }))
  const publicJwk = { ...members, kid: keyIdOf(members), alg: algorithm }
  return { privateJwk: { ...publicJwk, d }, publicJwk }
}

/** Reads a private key from its file, which only its owner may read. Throws `ConfigError`. */
export async function readSigningKey(file: string): Promise<SigningKey> {
  return parseSigningKey(await readPrivateFile(file), file)
}

/** Parses a private JWK of Ed25519 or P-256; throws `ConfigError` that names the source and nothing that stands in it. */
export async function parseSigningKey(value: unknown, source: string): Promise<SigningKey> {
  const key = keySchema.safeParse(value)
  if (!key.success) {
    // The names of members are no secret; what they hold may be.
    const wrong = [...new Set(key.error.issues.map(({ path }) => String(path[0] ?? 'the whole')))].join(', ')
    throw new ConfigError([
      `${source}: is not a private key for statements; must be a JWK of Ed25519 or P-256 (${wrong})`,
    ])
  }
  const { d, kid, alg, ...members } = key.data
  const algorithm = members.kty === 'OKP' ? 'EdDSA' : 'ES256'
  const keyId = keyIdOf(members)
  const keyObject = importPrivateKey({ ...members, d })
  if (keyObject === null) throw new ConfigError([`${source}: its private and public parts are not of one key`])
  if (alg !== undefined && alg !== algorithm)
    throw new ConfigError([`${source}: alg: must be ${algorithm} for a key of ${members.crv}`])
  if (kid !== undefined && kid !== keyId)
    throw new ConfigError([`${source}: kid: must be ${keyId}, the key's thumbprint (RFC 7638)`])
  const privateKey = keyObject.toCryptoKey(keyParameters(algorithm), false, ['sign'])
  return { keyId, algorithm, privateKey, keyObject }
}

const part = z.string().regex(/^[\w-]{42}[AEIMQUYcgkosw048]$/)
const okp = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: part, d: part })
const ec = z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: part, y: part, d: part })
const membersSchema = z.discriminatedUnion('kty', [okp, ec])

const naming = { kid: z.string().optional(), alg: z.string().optional() }
const keySchema = z.discriminatedUnion('kty', [okp.extend(naming), ec.extend(naming)])

/** Null: the private part is of another key than the public one, so that it would sign under a name that is not its own. */
function importPrivateKey(key: PublicMembers & { readonly d: string }): KeyObject | null {
  try {
    const keyObject = createPrivateKey({ key: { ...key }, format: 'jwk' })
    const { x, y } = createPublicKey(keyObject).export({ format: 'jwk' })
    return x === key.x && (key.kty === 'OKP' || y === key.y) ? keyObject : null
  } catch {
    return null
  }
}

/** The JSON in a file that only its owner may read: the file that is looked at is the one that is read. */
async function readPrivateFile(file: string): Promise<unknown> {
  let text: string
  try {
    await using handle = await open(file, 'r')
    const { mode, uid } = await handle.stat()
    const exposure = keyExposure({ file, mode, uid })
    if (exposure !== null) throw new ConfigError([`${file}: ${exposure}`])
    text = await handle.readFile('utf8')
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown
    throw new ConfigError([`${file}: the private key cannot be read: ${ensureError(thrown).message}`])
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new ConfigError([`${file}: is not JSON; must be a private JWK (RFC 7517)`])
  }
}
