import { z } from 'zod'
import { PLANNED_REOPENING_STATUSES } from '../../../model/code-lists.ts'
import { SYSTEM_KEYS } from '../../../model/system.ts'
import { defineKind } from '../statement-kind.ts'
import { bpns, instant, named, text, wave } from '../vocabulary.ts'

/** What is planned to open, and when; the same subject again replaces it. */
export const plannedReopening = defineKind({
  kind: 'planned-reopening',
  is: 'A reopening of a system or a site that is planned, under conditions; the same subject again replaces it.',
  signers: ['RECOVERY_LEAD', 'COMMUNICATIONS_LEAD'],
  longestHours: 24,
  claims: z
    .strictObject({
      sub: named('urn:planned-reopening', /[a-z0-9][a-z0-9-]{0,79}/, 'production-schedule').describe(
        '`urn:planned-reopening:` and its name; the same name again replaces it',
      ),
      system: z.enum(SYSTEM_KEYS).optional().describe('The system that is to open; this or `site`'),
      site: bpns.optional().describe('The site that is to open, by its BPNS'),
      waves: z.array(wave).default([]).describe('The waves of partners that it is for; empty: all'),
      scheduled_for: instant.describe('When it is to open'),
      scheduled_until: instant.optional().describe('The latest time, where it is a span'),
      status: z.enum(PLANNED_REOPENING_STATUSES).describe('How far it has come'),
      conditions: text.describe('What must be so before it opens, in words for partners'),
    })
    .refine(({ system, site }) => (system === undefined) !== (site === undefined), {
      error: 'must name a system or a site, and not both',
    })
    .refine(({ scheduled_for, scheduled_until }) => scheduled_for <= (scheduled_until ?? scheduled_for), {
      path: ['scheduled_until'],
      error: 'must not be before scheduled_for',
    }),
})
