import type { CommandEntries } from '../command-group.ts'
import { runExport } from './export.ts'
import { runList } from './list.ts'
import { runSchema } from './schema.ts'
import { runVerify } from './verify.ts'

/** `journal …`: what was accepted, and whether it is still what was accepted. */
export const JOURNAL_VERBS: CommandEntries = new Map([
  ['list', { form: 'journal list [--last N] [--long]', does: 'show the last entries', run: runList }],
  [
    'verify',
    { form: 'journal verify [--file EXPORT]', does: 'prove it from keys and checkpoint alone', run: runVerify },
  ],
  ['export', { form: 'journal export --out FILE', does: 'write all entries to a file', run: runExport }],
  ['schema', { form: 'journal schema --role ROLE', does: 'print the SQL that makes its table', run: runSchema }],
])
