import { compactVerify } from 'jose'
import { ensureError } from '../../model/errors.ts'
import { parsePayload } from './claims.ts'
import { parseCompactForm } from './compact-form.ts'
import type { KeyRing } from './key-ring.ts'
import type { Signatory } from './signatory.ts'
import { createStatement } from './statement.ts'
import type { Statement } from './statement-kinds.ts'

/**
 * Reads a statement that was accepted earlier and stands in the journal, whose seal says that it is the one. Judges
 * neither times nor the signature. Throws an `Error` that says why it is none, or not one by this signatory.
 */
export function readStatement(token: string, signedBy: Signatory): Statement {
  try {
    const { kind, keyId, payload } = parseCompactForm(token)
    if (keyId !== signedBy.keyId) throw new Error(`it is signed with the key ${keyId}, not with ${signedBy.keyId}`)
    return createStatement(token, kind, parsePayload(kind, payload), signedBy)
  } catch (thrown) {
    throw new Error(`a statement cannot be read: ${ensureError(thrown).message}`, { cause: thrown })
  }
}

/** Whether the signature of a statement holds, whatever it says and whenever it counted; null: its key is not known. */
export async function signatureHolds(token: string, keys: KeyRing): Promise<boolean | null> {
  const { algorithm, keyId } = parseCompactForm(token)
  const publicKey = keys.publicKey(keyId)
  if (publicKey === undefined) return null
  if (keys.find(keyId)?.algorithm !== algorithm) return false
  return compactVerify(token, publicKey, { algorithms: [algorithm] }).then(
    () => true,
    () => false,
  )
}
