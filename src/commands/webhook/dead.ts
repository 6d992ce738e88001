import { createAdminClient } from '../admin-client.ts'
import { ADMIN, ADMIN_USAGE, LONG, readArguments } from '../arguments.ts'
import { createCommand } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { renderTable } from '../table.ts'
import { minute } from '../wording.ts'

/** `webhook dead`: what no receiver has taken, however often it was tried. */

const USAGE = `usage: recovery-gateway webhook dead [--long] [OPTION…]

  --long                   show ids whole
${ADMIN_USAGE}`

interface Request {
  readonly long: boolean
  readonly admin: string | undefined
  readonly json: boolean
}

export const runDead = createCommand<Request>({
  usage: USAGE,
  parse(args) {
    const read = readArguments(args, { ...LONG, ...ADMIN })
    if (read === 'help') return read
    const { long, admin, json } = read.values
    return { long, admin, json }
  },
  work: list,
})

/** `msg_` and what tells one from the others. */
const SHORT_MESSAGE_ID = 12

async function list({ long, admin, json }: Request, io: CommandIo): Promise<void> {
  const dead = await createAdminClient(admin, io).deadWebhooks()
  if (json) return io.stdout(`${JSON.stringify(dead)}\n`)
  if (dead.length === 0) return io.stdout('No webhook was given up.\n')
  const columns = ['endpoint', 'id', 'queued', 'given up', 'attempts', 'subject', 'failure']
  const rows = dead.map(({ endpoint, id, queuedAt, givenUpAt, attempts, subject, failure }) => [
    endpoint,
    long ? id : id.slice(0, SHORT_MESSAGE_ID),
    minute(queuedAt),
    minute(givenUpAt),
    String(attempts),
    subject,
    failure,
  ])
  io.stdout(renderTable({ columns, rows }, io.columns))
}
