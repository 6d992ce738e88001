import { z } from 'zod'
import { RESTART_PHASES } from '../../../model/code-lists.ts'
import { refuseRepeats } from '../../../model/operator-file.ts'
import { SYSTEM_KEYS } from '../../../model/system.ts'
import { PARTNER_ROLES } from '../../../model/viewer.ts'
import { PUBLIC_FACETS } from '../../state.ts'
import { defineKind } from '../statement-kind.ts'
import { instant, line, named, text } from '../vocabulary.ts'

const unique = refuseRepeats((name: string) => name)

/** News for partners (NIST CSF 2.0 RC.CO-03), and what partners read of the restart as a whole. */
export const restartUpdate = defineKind({
  kind: 'restart-update',
  is: 'News on the restart for some roles of partners or all, and what has changed for partners meanwhile.',
  signers: ['COMMUNICATIONS_LEAD', 'RECOVERY_LEAD'],
  longestHours: 24,
  claims: z
    .strictObject({
      sub: named('urn:restart-update', /[a-z0-9][a-z0-9-]{0,79}/, '2025-10-08-schedule').describe(
        '`urn:restart-update:` and its name; each update has its own',
      ),
      published_at: instant.describe('When it is published'),
      audience: z
        .array(z.enum(PARTNER_ROLES))
        .default([])
        .superRefine(unique)
        .describe('Roles that may read it; empty: all'),
      public: z
        .boolean()
        .optional()
        .describe('true: its text is for everybody in the world; left out: for partners alone'),
      title: line.describe('Its title'),
      body: text.describe('Its text'),
      affects: z.array(z.enum(SYSTEM_KEYS)).default([]).superRefine(unique).describe('The systems that it is about'),
      headline: text.optional().describe('The state of the whole restart, in a sentence'),
      phase: z.enum(RESTART_PHASES).optional().describe('The phase that the restart is in from now on'),
      next_update_by: instant
        .nullable()
        .optional()
        .describe('When the next update is due at the latest; null: not said'),
      public_facets: z
        .array(z.enum(PUBLIC_FACETS))
        .superRefine(unique)
        .refine(facets => facets.includes('SYSTEMS') || !facets.includes('BACKLOGS'), {
          error: 'must have SYSTEMS where it has BACKLOGS, which stand with their systems',
        })
        .optional()
        .describe('All of the state that everybody in the world sees from now on; empty: nothing'),
      systems: z
        .partialRecord(
          z.enum(SYSTEM_KEYS),
          z.strictObject({
            next_update_by: instant.nullable().optional().describe('When its next update is due; null: not said'),
            known_limitations: z.array(text).max(20).optional().describe('What does not work yet'),
            workaround: text.nullable().optional().describe('What partners do instead; null: nothing'),
            reconciled_through: instant
              .nullable()
              .optional()
              .describe('Everything up to here is reconciled with partners or paper; null: not established'),
          }),
        )
        .optional()
        .describe('What is new about systems, by key; what is left out stays as it was'),
    })
    .refine(({ public: isPublic = false, audience }) => !isPublic || audience.length === 0, {
      path: ['public'],
      error: 'must not be true where audience names roles: what is public is for everybody',
    }),
})
