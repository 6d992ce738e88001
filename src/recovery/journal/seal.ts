import { KeyObject, sign, verify } from 'node:crypto'
import type { KeyRing } from '../statements/key-ring.ts'
import type { SigningKey } from '../statements/signing-key.ts'
import type { JournalRow } from './store.ts'

/**
 * Seals: the gateway's own signature over the hash of an entry, so that nobody who can only write to the database can
 * make an entry. `<key id>.<signature in base64url>`; one text per signature, because equal seals must be equal bytes.
 */

type Algorithm = SigningKey['algorithm']

/** No JWS is signed over such a text: its signing input has no space (RFC 7515 §5.1). */
const sealed = (hash: string): Buffer => Buffer.from(`recovery-gateway journal seal 1 ${hash}`)

const DIGEST: Readonly<Record<Algorithm, string | null>> = { EdDSA: null, ES256: 'sha256' }

export function seal(hash: string, { keyId, algorithm, keyObject }: SigningKey): string {
  const signature = sign(DIGEST[algorithm], sealed(hash), { key: keyObject, dsaEncoding: 'ieee-p1363' })
  if (algorithm === 'ES256') lowerS(signature)
  return `${keyId}.${signature.toString('base64url')}`
}

/** Says what is wrong with the seal of a row, whose hash has been checked; null: it holds. */
export type SealCheck = (row: Pick<JournalRow, 'hash' | 'recordedAt' | 'seal'>) => string | null

/** Seals count where a GATEWAY key of the ring made them, before it was withdrawn. */
export function createSealCheck(keys: KeyRing): SealCheck {
  const publicKeys = new Map<string, KeyObject>()

  function publicKey(keyId: string): KeyObject | undefined {
    const known = publicKeys.get(keyId)
    const pinned = known === undefined ? keys.publicKey(keyId) : undefined
    if (pinned === undefined) return known
    const key = KeyObject.from(pinned)
    publicKeys.set(keyId, key)
    return key
  }

  return ({ hash, recordedAt, seal }) => {
    const [keyId = '', text = ''] = seal.split('.', 2)
    const signatory = keys.find(keyId)
    const key = publicKey(keyId)
    if (signatory === undefined || key === undefined) return 'it is sealed with a key that is not in the key file'
    if (signatory.role !== 'GATEWAY') return `it is sealed with the key of a ${signatory.role}; only a gateway's counts`
    if (signatory.withdrawnAt !== null && Date.parse(recordedAt) >= Date.parse(signatory.withdrawnAt))
      return `it is sealed with a key that was withdrawn at ${signatory.withdrawnAt}`
    const signature = Buffer.from(text, 'base64url')
    const isWhole = `${keyId}.${signature.toString('base64url')}` === seal
    const isOne = signatory.algorithm === 'EdDSA' || hasLowS(signature)
    const input = { key, dsaEncoding: 'ieee-p1363' } as const
    if (isWhole && isOne && verify(DIGEST[signatory.algorithm], sealed(hash), input, signature)) return null
    return 'its seal does not hold'
  }
}

/** Order of P-256 (FIPS 186-5): for every signature (r, s) there is a second one, (r, order − s). The lower counts. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

const sOf = (signature: Buffer): bigint => BigInt(`0x0${signature.toString('hex', 32)}`)

function hasLowS(signature: Buffer): boolean {
  return signature.length === 64 && sOf(signature) <= ORDER / 2n
}

function lowerS(signature: Buffer): void {
  if (hasLowS(signature)) return
  signature.write((ORDER - sOf(signature)).toString(16).padStart(64, '0'), 32, 'hex')
}
