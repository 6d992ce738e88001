import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose'
import { z } from 'zod'
import type { KeyRing } from '../statements/key-ring.ts'
import type { SigningKey } from '../statements/signing-key.ts'

/**
 * Checkpoints: the gateway's word on how many entries the journal has and what they are, kept outside the database. A
 * hash chain alone does not show that its tail was cut; a checkpoint does. A compact JWS of type `journal-checkpoint+jwt`.
 */
export interface Checkpoint {
  /** Names the journal: the hash of its first entry. */
  readonly journal: string
  /** Entries that it covers, at least 1. */
  readonly size: number
  /** Merkle root over the hashes of those entries (RFC 6962), hexadecimal. */
  readonly root: string
  /** Hash of the last of them, hexadecimal. */
  readonly head: string
  /** When it was made, RFC 3339 in UTC to the second. */
  readonly at: string
}

const TYPE = 'journal-checkpoint+jwt'

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const CLAIMS = z.strictObject({ journal: hash, size: z.int().min(1), root: hash, head: hash, iat: z.int().min(0) })
const HEADER = z.strictObject({ alg: z.enum(['EdDSA', 'ES256']), typ: z.literal(TYPE), kid: z.string() })

export async function signCheckpoint({ at, ...claims }: Checkpoint, key: SigningKey): Promise<string> {
  const payload = JSON.stringify({ ...claims, iat: Math.floor(Date.parse(at) / 1_000) })
  return new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: key.algorithm, typ: TYPE, kid: key.keyId })
    .sign(key.privateKey)
}

/** Reads a checkpoint without its signature, as one reads one's own; throws where it is none. */
export function readCheckpoint(token: string): Checkpoint {
  try {
    const [, payload = ''] = token.split('.')
    return checkpointOf(Buffer.from(payload, 'base64url').toString())
  } catch (cause) {
    throw new Error('is no checkpoint of a journal', { cause })
  }
}

/** Verifies a checkpoint; throws an error that says what is wrong unless a GATEWAY key of the ring signed it. */
export async function verifyCheckpoint(token: string, keys: KeyRing): Promise<Checkpoint> {
  const checkpoint = readCheckpoint(token)
  const { success, data: header } = HEADER.safeParse(headerOf(token))
  if (!success) throw new Error('has not the header of a checkpoint')
  const signatory = keys.find(header.kid)
  const key = keys.publicKey(header.kid)
  if (signatory === undefined || key === undefined) throw new Error('is signed with a key that is not in the key file')
  if (signatory.role !== 'GATEWAY') throw new Error(`is signed by a ${signatory.role}; only a gateway's counts`)
  if (signatory.withdrawnAt !== null && Date.parse(checkpoint.at) >= Date.parse(signatory.withdrawnAt))
    throw new Error(`is signed with a key that was withdrawn at ${signatory.withdrawnAt}`)
  try {
    const { payload } = await compactVerify(token, key, { algorithms: [signatory.algorithm] })
    return checkpointOf(new TextDecoder().decode(payload))
  } catch (cause) {
    throw new Error('has a signature that does not hold', { cause })
  }
}

function checkpointOf(payload: string): Checkpoint {
  const { iat, ...claims } = CLAIMS.parse(JSON.parse(payload))
  return { ...claims, at: new Date(iat * 1_000).toISOString() }
}

function headerOf(token: string): unknown {
  try {
    return decodeProtectedHeader(token)
  } catch {
    return null
  }
}
