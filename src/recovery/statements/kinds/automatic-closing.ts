import { z } from 'zod'
import { LIFECYCLES } from '../../../model/system.ts'
import { SUSPENSION_CAUSES } from '../../state.ts'
import { defineKind } from '../statement-kind.ts'
import { instant, systemSubject, text } from '../vocabulary.ts'

/** The gateway's own word that it has closed a system, and why. */
export const automaticClosing = defineKind({
  kind: 'automatic-closing',
  is: 'The gateway has closed a system by itself. Only the gateway signs it; it cannot be submitted.',
  signers: ['GATEWAY'],
  longestHours: 24,
  claims: z.strictObject({
    sub: systemSubject,
    cause: z.enum(SUSPENSION_CAUSES).describe('What closed it'),
    reason: text.describe('The cause in words, for operators'),
    from: z.enum(LIFECYCLES).describe('The lifecycle that it was in'),
    closed_at: instant.describe('When it closed'),
    distrust_since: instant.optional().describe('Nothing read from the system at or after this is ever served again'),
  }),
})
