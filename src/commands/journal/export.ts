import { open, rm } from 'node:fs/promises'
import { createAdminClient } from '../admin-client.ts'
import { ADMIN, ADMIN_USAGE, readArguments, required } from '../arguments.ts'
import { createCommand } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { cannotBe } from '../input.ts'
import { counted } from '../wording.ts'
import { lineOf } from './export-file.ts'

/** `journal export`: all entries in a file, for `journal verify` on a machine that trusts neither gateway nor database. */

const USAGE = `usage: recovery-gateway journal export --out FILE [OPTION…]

  --out FILE               one JSON object a line; a file that is there is never overwritten
${ADMIN_USAGE}`

/** Entries between two signs of progress. */
const PROGRESS = 500

interface Request {
  readonly out: string
  readonly admin: string | undefined
  readonly json: boolean
}

export const runExport = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: exportJournal })

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, { out: { type: 'string' }, ...ADMIN })
  if (read === 'help') return read
  return { out: required('--out', read.values.out), admin: read.values.admin, json: read.values.json }
}

async function exportJournal({ out, admin, json }: Request, io: CommandIo): Promise<void> {
  const rows = createAdminClient(admin, io).journal(0)
  const first = await rows.next()
  const handle = await open(out, 'wx').catch(cannotBe('written', out))
  let entries = 0
  try {
    for (let next = first; !next.done; next = await rows.next()) {
      await handle.appendFile(lineOf(next.value))
      if (++entries % PROGRESS === 0) io.stderr(`\r${entries} entries`)
    }
    await handle.sync()
  } catch (thrown) {
    // Half an export would look like a journal whose end was cut.
    await rm(out, { force: true })
    throw thrown
  } finally {
    await handle.close()
  }
  if (entries >= PROGRESS) io.stderr('\n')
  io.stdout(json ? `${JSON.stringify({ file: out, entries })}\n` : `${out}: ${counted(entries, 'entry', 'entries')}\n`)
}
