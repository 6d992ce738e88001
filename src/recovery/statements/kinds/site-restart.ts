import { z } from 'zod'
import { SHOPS, SITE_RESTART_STATUSES } from '../../../model/code-lists.ts'
import { defineKind } from '../statement-kind.ts'
import { date, named, text } from '../vocabulary.ts'

/** How far a site, or a shop of it, has come back; the same site and shop again replaces it. */
export const siteRestart = defineKind({
  kind: 'site-restart',
  is: 'How far a site, or one shop of it, has come back; the same site and shop again replaces it.',
  signers: ['RECOVERY_LEAD', 'BUSINESS_OWNER'],
  longestHours: 24,
  claims: z.strictObject({
    sub: named('urn:site', /BPNS[a-zA-Z0-9]{12}/, 'BPNS00000P0001MR').describe('`urn:site:` and the BPNS of the site'),
    shop: z.enum(SHOPS).optional().describe('One shop of it; left out: the site as a whole'),
    status: z.enum(SITE_RESTART_STATUSES).describe('How far it has come back'),
    restart_date: date.optional().describe('The day on which it restarts or has restarted'),
    note: text.optional().describe('In words for partners'),
  }),
})
