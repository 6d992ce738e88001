import { z } from 'zod'
import { defineKind } from '../statement-kind.ts'
import { instant, line, systemSubject } from '../vocabulary.ts'

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
    open: z.int().min(0).describe('How many were open'),
    cleared_last_24h: z.int().min(0).describe('How many were cleared in the 24 hours before'),
    oldest: instant.optional().describe('Since when the oldest has been waiting'),
  }),
})
