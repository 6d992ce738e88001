import { z } from 'zod'
import { LIFECYCLES } from '../../../model/system.ts'
import { SUSPENSION_CAUSES } from '../../system-state.ts'
import { defineKind } from '../statement-kind.ts'
import { instant, MAX_TEXT, systemSubject, text } from '../vocabulary.ts'

/** Most characters of a reason. */
export const MAX_REASON = MAX_TEXT

/** Any words as a reason that can be signed: cut, and without what a text may not have. */
export function reasonOf(words: string): string {
  const shown = words.toWellFormed().replace(/[^\n\t\P{Cc}]/gu, '\ufffd')
  // Half a character may be left where it is cut.
  const cut = shown.length > MAX_REASON ? `${shown.slice(0, MAX_REASON - 3).toWellFormed()}...` : shown
  return cut === '' ? 'No reason is known.' : cut
}

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
