import { z } from 'zod'
import { defineKind } from '../statement-kind.ts'
import { instant, line, systemSubject } from '../vocabulary.ts'

/** The graph's `Int`, by which partners read it, has 32 bits. */
const count = z.int().min(0).max(2_147_483_647)

/** One measurement of a pile of work; the clearing rate comes from several of the same name. */
export const backlogMeasure = defineKind({
  kind: 'backlog-measure',
  is: 'One measurement of what piled up while a system was down.',
  signers: ['BUSINESS_OWNER', 'SYSTEM_OWNER'],
  longestHours: 24,
  claims: z.strictObject({
    sub: systemSubject,
    name: line.describe('What has piled up; the same name each time'),
    concerns: z
      .literal('SUPPLIER_PAYMENTS')
      .optional()
      .describe('Marks the backlog that suppliers wait for: its clear date is the one that they read'),
    measured_at: instant.describe('When it was counted'),
    open: count.describe('How many were open'),
    cleared_last_24h: count.describe('How many were cleared in the 24 hours before'),
    oldest: instant.optional().describe('Since when the oldest has been waiting'),
  }),
})
