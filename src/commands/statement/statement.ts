import type { CommandEntries } from '../command-group.ts'
import { runShow } from './show.ts'
import { runSign } from './sign.ts'
import { runSubmit } from './submit.ts'

/** `statement …`: statements one step at a time, such as signed on a machine that reaches no gateway. */
export const STATEMENT_VERBS: CommandEntries = new Map([
  [
    'sign',
    { form: 'statement sign --kind KIND --claims FILE|-', does: 'sign any statement, and print it', run: runSign },
  ],
  ['show', { form: 'statement show FILE|-', does: 'say what a statement says, unverified', run: runShow }],
  ['submit', { form: 'statement submit FILE|- [--dry-run]', does: 'hand a signed statement in', run: runSubmit }],
])
