import { z } from 'zod'
import { defineKind } from '../statement-kind.ts'
import { text } from '../vocabulary.ts'

const REVOCABLE = /^urn:(statement:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|key:[A-Za-z0-9_-]{43})$/

/** Whether a revocation is of a key; otherwise it is of a statement. */
export function isKeySubject(subject: string): boolean {
  return subject.startsWith('urn:key:')
}

/** Takes an attestation back, or withdraws a key with all that it attested. */
export const revocation = defineKind({
  kind: 'revocation',
  is: 'Takes an attestation back, or withdraws a key with everything that it attested.',
  signers: [
    'FORENSICS_LEAD',
    'SECURITY_OPERATIONS',
    'RECOVERY_LEAD',
    'SYSTEM_OWNER',
    'BACKUP_OPERATIONS',
    'BUSINESS_OWNER',
  ],
  longestHours: 24,
  claims: z.strictObject({
    sub: z
      .string()
      .regex(REVOCABLE, 'must be urn:statement: and the jti of an attestation, or urn:key: and the thumbprint of a key')
      .describe('`urn:statement:` and the `jti` of an attestation, or `urn:key:` and the thumbprint of a key'),
    reason: text.describe('Why it no longer counts'),
  }),
})
