import { z } from 'zod'
import { defineKind } from '../statement-kind.ts'
import { instant, named } from '../vocabulary.ts'

/** When the intruders came in. Moved earlier, it makes backups dirty, and their systems close. */
export const incidentFact = defineKind({
  kind: 'incident-fact',
  is: 'What forensics has established of the intrusion; each fact has the next revision.',
  signers: ['FORENSICS_LEAD'],
  longestHours: 24,
  claims: z.strictObject({
    sub: named('urn:incident', /[A-Za-z0-9][A-Za-z0-9._-]{0,79}/, 'INC-2025-0901').describe(
      '`urn:incident:` and the incident, which is that of `inc`',
    ),
    earliest_intrusion_at: instant.describe('The earliest time at which intruders were inside'),
    revision: z.int().min(1).describe('1 for the first fact, then one more each time'),
    confidence: z.enum(['LOW', 'MEDIUM', 'HIGH']).describe('How sure forensics is'),
    indicators_dated_at: instant
      .optional()
      .describe('Date of the set of indicators of compromise that scans of backups must know'),
  }),
})
