import { ensureError } from '../../model/errors.ts'
import { acceptedOf } from '../../recovery/journal/entry.ts'
import type { JournalRow } from '../../recovery/journal/store.ts'
import type { Statement } from '../../recovery/statements/statement-kinds.ts'
import { nameIn } from '../../recovery/statements/vocabulary.ts'
import { createAdminClient } from '../admin-client.ts'
import { ADMIN, ADMIN_USAGE, LONG, readArguments, wholeNumber } from '../arguments.ts'
import { createCommand } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { renderTable } from '../table.ts'
import { shownId } from '../wording.ts'

/** `journal list`: the last statements that were accepted, and by whom they are. */

const USAGE = `usage: recovery-gateway journal list [--last N] [--long] [OPTION…]

  --last N                 how many entries (20)
  --long                   show the ids of statements whole
${ADMIN_USAGE}`

interface Request {
  readonly last: number
  readonly long: boolean
  readonly admin: string | undefined
  readonly json: boolean
}

export const runList = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: list })

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, { last: { type: 'string', default: '20' }, ...LONG, ...ADMIN })
  if (read === 'help') return read
  const { last, long, admin, json } = read.values
  return { last: wholeNumber('--last', last, 1, 999_999_999), long, admin, json }
}

async function list({ last, long, admin: url, json }: Request, io: CommandIo): Promise<void> {
  const admin = createAdminClient(url, io)
  const { journal } = await admin.status()
  const rows: JournalRow[] = []
  for await (const row of admin.journal(Math.max(0, journal.sequence - last))) rows.push(row)
  const columns = ['entry', 'recorded', 'id', 'kind', 'about, by']
  const cells = rows.map(row => cellsOf(row, long))
  io.stdout(json ? `${JSON.stringify(rows)}\n` : renderTable({ columns, rows: cells }, io.columns))
}

function cellsOf(row: JournalRow, long: boolean): readonly string[] {
  const place = [String(row.sequence), row.recordedAt, shownId(row.statementId, long)]
  try {
    const { statement } = acceptedOf(row)
    const { kind, signedBy, claims } = statement
    const about = [nameIn(claims.sub), detailOf(statement)].filter(part => part !== null).join(': ')
    return [...place, kind, `${about}, by ${signedBy.name} (${signedBy.role})`]
  } catch (thrown) {
    // A journal that somebody has spoilt is listed all the same.
    return [...place, 'unreadable', ensureError(thrown).message]
  }
}

/** What tells statements of one kind on one subject apart. */
function detailOf(statement: Statement): string | null {
  switch (statement.kind) {
    case 'lifecycle-transition':
      return `${statement.claims.from} → ${statement.claims.to}`
    case 'automatic-closing':
      return `${statement.claims.from} → SUSPENDED, ${statement.claims.cause}`
    case 'partner-grant':
      return statement.claims.action
    default:
      return null
  }
}
