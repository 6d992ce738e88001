import { z } from 'zod'
import { refuseRepeats } from '../../../model/operator-file.ts'
import { LIFECYCLES } from '../../../model/system.ts'
import { defineKind } from '../statement-kind.ts'
import { digest, duration, instant, line, systemSubject, text, wave } from '../vocabulary.ts'
import { backup } from './restore-attestation.ts'

/** What each step says besides being taken. All of it may be missing: the guard that needs it says so. */
const step = <T extends string, S extends z.ZodRawShape>(to: T, facts: S) =>
  z.strictObject({
    sub: systemSubject,
    from: z.enum(LIFECYCLES).describe('The lifecycle that it is in'),
    to: z.literal(to).describe('The lifecycle that it goes to'),
    occurred_at: instant
      .optional()
      .describe('When the step was taken, never later than it was signed; left out: when it was signed'),
    reason: text.optional().describe('Why, in words for operators'),
    ...facts,
  })

const claims = z.discriminatedUnion('to', [
  step('ISOLATED', { disrupted_at: instant.optional().describe('When the disruption began') }),
  step('CLEARED_FOR_RESTORE', {
    containment: z
      .strictObject({
        attested_at: instant.describe('When it was attested'),
        evidence: digest.describe('The record of it'),
      })
      .optional()
      .describe('That the intruders are contained'),
    priority: z.int().min(1).max(99).optional().describe('Its place in the order of restart, 1 first'),
    objectives: z
      .strictObject({
        recovery_time_objective: duration.describe('Longest time until it is back (RTO)'),
        recovery_point_objective: duration.describe('Longest time whose data may be lost (RPO)'),
        maximum_tolerable_period_of_disruption: duration.describe('Time after which the harm is unacceptable (MTPD)'),
      })
      .optional()
      .describe('Its continuity objectives (ISO 22301)'),
  }),
  step('RESTORING', {
    backup: backup
      .extend({
        indicators_dated_at: instant.describe('Date of the set of indicators of compromise that the scanner knew'),
      })
      .optional()
      .describe('The backup that is restored'),
    catalogue: digest.optional().describe('Of the backup, as the immutable catalogue has it'),
    environment: z
      .strictObject({
        id: line.describe('Its name'),
        newly_built: z.boolean().describe('Whether it was built anew, with nothing of the old one'),
      })
      .optional()
      .describe('The environment that it is restored into'),
  }),
  step('QUARANTINED', {
    restore: z
      .strictObject({
        completed_at: instant.describe('When it was finished'),
        manifest: digest.describe('Of the list of everything that was restored'),
        recovery_point: instant.optional().describe('Entries up to here survived; left out: not established'),
      })
      .optional()
      .describe('The restore'),
    reachable_hosts: z.array(line).max(50).optional().describe('Every host that the system can reach'),
    check_hosts: z.array(line).max(50).optional().describe('The hosts that check it: the only ones that it may reach'),
  }),
  step('VERIFIED', {}),
  step('LIMITED_OPEN', {
    waves: z
      .array(wave)
      .min(1)
      .superRefine(refuseRepeats(String))
      .optional()
      .describe('The waves of partners that are served'),
    gap: z
      .strictObject({
        from: instant.describe('Its beginning: usually the time of the backup'),
        until: instant.describe('Its end: usually the first new entry'),
      })
      .refine(({ from, until }) => from <= until, { path: ['until'], error: 'must not be before from' })
      .optional()
      .describe('The time of which entries may be missing'),
    reconciled_through: instant.optional().describe('Everything up to here is reconciled with partners or paper'),
    contact: line.optional().describe('Whom partners ask'),
    workaround: text.optional().describe('What partners do where it does not help them yet'),
    known_limitations: z.array(text).max(20).optional().describe('What does not work yet'),
    gateway_hosts: z.array(line).min(1).max(50).optional().describe('The only hosts that the gateway can reach'),
  }),
  step('OPEN', {
    invoice_statuses_forward: z
      .boolean()
      .optional()
      .describe('Whether no status of an invoice was found to have gone backwards (Peppol BIS Invoice Response)'),
    reconciled_through: instant.optional().describe('Everything up to here is reconciled with partners or paper'),
  }),
  step('NORMAL_OPERATION', {
    end_of_recovery_declared_at: instant.optional().describe('When the end of its recovery was declared'),
    after_action_record: digest.optional().describe('The record of what was learnt'),
  }),
  step('SUSPENDED', {
    distrust_since: instant.optional().describe('Nothing read from the system at or after this is ever served again'),
    last_known_good: z
      .boolean()
      .optional()
      .describe('Whether what was read before may still be given, marked, where its field allows it; left out: no'),
  }),
])

export type TransitionClaims = z.output<typeof claims>

/** A step in the life of a system, by a named person. Up, every guard of the step must hold. */
export const lifecycleTransition = defineKind({
  kind: 'lifecycle-transition',
  is: 'A step of a system on its way back, or its closing, by a named person.',
  signers: ['RECOVERY_LEAD', 'SYSTEM_OWNER', 'FORENSICS_LEAD', 'SECURITY_OPERATIONS'],
  longestHours: 24,
  claims,
})
