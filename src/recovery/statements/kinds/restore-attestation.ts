import { z } from 'zod'
import { ATTESTER_ROLES, EVIDENCE_KINDS } from '../../../model/code-lists.ts'
import { refuseRepeats } from '../../../model/operator-file.ts'
import { defineKind } from '../statement-kind.ts'
import { decimal, digest, instant, line, systemSubject } from '../vocabulary.ts'

/** A backup as its catalogue and its scanner describe it. */
export const backup = z.strictObject({
  id: line.describe('Its name in the backup catalogue'),
  taken_at: instant.describe('When it was taken'),
  digest: digest.describe('Of the whole backup'),
  malware_status: z.enum(['CLEAN', 'SUSPICIOUS', 'INFECTED']).describe('What the scanner found'),
  scanned_at: instant.describe('When it was scanned'),
})

/** One person's word that a restored system is clean. Two of them, of distinct roles and keys, let it be VERIFIED. */
export const restoreAttestation = defineKind({
  kind: 'restore-attestation',
  is: 'One attester’s word on what a system was restored from, what was checked, and what its data adds up to.',
  signers: ATTESTER_ROLES,
  longestHours: null,
  claims: z.strictObject({
    sub: systemSubject,
    intrusion: z
      .strictObject({
        earliest_at: instant.describe('The earliest intrusion, as the attester knows it'),
        revision: z.int().min(1).describe('The revision of the fact that this rests on'),
      })
      .describe('The intrusion that the backup was chosen against'),
    backup: backup.describe('What was restored'),
    restore: z
      .strictObject({
        completed_at: instant.describe('When the restore was finished'),
        manifest: digest.describe('Of the list of everything that was restored'),
        environment: line.describe('The environment that it was restored into'),
      })
      .describe('The restore'),
    checks: z
      .array(
        z.strictObject({
          kind: z.enum(EVIDENCE_KINDS).describe('What was checked; each kind once'),
          outcome: z.enum(['PASSED', 'FAILED']).describe('What came of it'),
          at: instant.describe('When it was checked'),
          evidence: digest.optional().describe('The record of the check'),
        }),
      )
      .min(1)
      .superRefine(refuseRepeats(check => check.kind, 'kind'))
      .describe('The checks that the attester stands for'),
    totals: z
      .record(
        z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be the name of a relation, such as supplier_invoice'),
        z.strictObject({
          rows: z.int().min(0).describe('Number of rows'),
          sums: z
            .record(z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,62}$/, 'must be the name of a column'), decimal)
            .default({})
            .describe('Sums by column, as exact decimal text'),
          tolerance: z
            .number()
            .min(0)
            .max(0.5)
            .default(0)
            .describe('How far what the gateway measures may be off, as a part: 0.01 is one in a hundred'),
        }),
      )
      .describe('Control totals by relation; none where the attester has not counted'),
    policy: z
      .strictObject({ uri: line.describe('Its name'), digest: digest.describe('Of its text') })
      .optional()
      .describe('The policy that was followed'),
  }),
})
