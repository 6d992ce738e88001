import { open } from 'node:fs/promises'
import { z } from 'zod'
import { ConfigError, parseOperatorFile } from '../../model/operator-file.ts'
import type { JournalRow } from '../../recovery/journal/store.ts'
import { cannotBe } from '../input.ts'

/** An export of the journal: its rows as they are stored, one JSON object a line. Called by `journal export` and `verify`. */

export function lineOf(row: JournalRow): string {
  return `${JSON.stringify(row)}\n`
}

const rowSchema = z.strictObject({
  sequence: z.int(),
  recordedAt: z.string(),
  statementId: z.string(),
  statement: z.string(),
  acceptance: z.string(),
  previousHash: z.string(),
  hash: z.string(),
  seal: z.string(),
})

/** Judges nothing but the form; throws `ConfigError` with the line that has it not. */
export async function* readExport(file: string): AsyncGenerator<JournalRow, void> {
  const handle = await open(file).catch(cannotBe('read', file))
  try {
    let number = 0
    for await (const line of handle.readLines({ encoding: 'utf8' })) yield parseLine(line, `${file}:${++number}`)
  } finally {
    await handle.close()
  }
}

function parseLine(line: string, source: string): JournalRow {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new ConfigError([`${source}: is not JSON; must be an entry of the journal, one a line`])
  }
  return parseOperatorFile(rowSchema, { source, value })
}
