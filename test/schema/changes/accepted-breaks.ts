import { z } from 'zod'
import { parseOperatorFile } from '../../../src/model/operator-file.ts'

/** The breaking changes that are made all the same, each with its reason: read from a file beside the releases. */
export interface AcceptedBreak {
  /** As the check names it: `FIELD_REMOVED Query.part`. */
  readonly change: string
  readonly reason: string
  /** From which day it may be in force, as partners were told: `yyyy-mm-dd`. */
  readonly date: string
}

const schema = z.strictObject({
  breaks: z.array(
    z.strictObject({
      change: z.string().regex(/^[A-Z_]+ \S+$/, 'must be a change as the check names it'),
      reason: z.string().min(20, 'must say why, in a sentence'),
      date: z.iso.date('must be a day, yyyy-mm-dd'),
    }),
  ),
})

/** Throws `ConfigError` with every problem of the file. */
export function parseAcceptedBreaks(value: unknown, source: string): readonly AcceptedBreak[] {
  return parseOperatorFile(schema, { source, value }).breaks
}
