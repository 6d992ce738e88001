import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '../../model/key.ts'
import type { AcceptedStatement } from '../fold/accepted.ts'
import { CSF_CODES, GUARD_OUTCOMES, type GuardResult } from '../lifecycle/guard-result.ts'
import { readStatement } from '../statements/read.ts'
import { SIGNATORY_ROLES, type Signatory } from '../statements/signatory.ts'
import type { JournalRow } from './store.ts'

/**
 * An entry of the journal: what is hashed, what the gateway notes beside a statement, and the way back from a stored
 * row to an accepted statement. Called by the journal and by its offline verification; it trusts no row.
 */

/** What the hash of an entry covers. */
export type EntryContent = Omit<JournalRow, 'hash' | 'seal'>

/** Stands where the first entry has no entry before it. */
export const NO_ENTRY = '0'.repeat(64)

const HASH_DOMAIN = 'recovery-gateway journal entry 1'

/**
 * SHA-256, hexadecimal, over the domain and each field in turn: its length in UTF-16 code units in decimal, a colon,
 * its text in UTF-16LE. Total, and no two contents share an encoding.
 */
export function hashEntry(content: EntryContent): string {
  const { sequence, recordedAt, statementId, statement, acceptance, previousHash } = content
  const hash = createHash('sha256')
  for (const field of [HASH_DOMAIN, String(sequence), recordedAt, statementId, statement, acceptance, previousHash])
    hash.update(`${field.length}:`).update(field, 'utf16le')
  return hash.digest('hex')
}

/** What the gateway found when it accepted a statement. */
export interface Acceptance {
  readonly signedBy: Signatory
  readonly guards: readonly GuardResult[]
}

const ACCEPTANCE = z.strictObject({
  signedBy: z.strictObject({ keyId: z.string(), role: z.enum(SIGNATORY_ROLES), name: z.string() }),
  guards: z.array(
    z.strictObject({
      guard: z.string(),
      outcome: z.enum(GUARD_OUTCOMES),
      reason: z.string(),
      code: z.enum(CSF_CODES).nullable(),
    }),
  ),
})

export function acceptanceText({ signedBy, guards }: Acceptance): string {
  const { keyId, role, name } = signedBy
  return canonicalJson({ signedBy: { keyId, role, name }, guards })
}

/** Reads a row whose hash and seal hold; throws where its acceptance or its statement has another form. */
export function acceptedOf({
  sequence,
  hash,
  recordedAt,
  statementId,
  statement,
  acceptance,
}: JournalRow): AcceptedStatement {
  const { signedBy, guards } = parseAcceptance(acceptance)
  const read = readStatement(statement, signedBy)
  if (read.id !== statementId) throw new Error(`its statement is ${read.id} and not ${statementId}`)
  return { sequence, hash, recordedAt, statement: read, guards }
}

function parseAcceptance(text: string): Acceptance {
  try {
    return ACCEPTANCE.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error('what was noted when its statement was accepted has not the form of such a note', { cause })
  }
}
