import { z } from 'zod'
import { defineKind } from '../statement-kind.ts'
import { digest, instant, line, systemSubject } from '../vocabulary.ts'

/** An indicator of compromise in a restored system: it closes at once. Never says what the indicator is. */
export const indicatorReport = defineKind({
  kind: 'indicator-report',
  is: 'An indicator of compromise was found in a restored system, which closes at once.',
  signers: ['SECURITY_OPERATIONS', 'FORENSICS_LEAD'],
  longestHours: 24,
  claims: z.strictObject({
    sub: systemSubject,
    found_at: instant.describe('When it was found'),
    reference: line.describe('Where the finding is kept, such as a case number; never what it is'),
    evidence: digest.optional().describe('The record of the finding'),
    distrust_since: instant.optional().describe('Nothing read from the system at or after this is ever served again'),
  }),
})
