import { createAdminClient } from '../admin-client.ts'
import { ADMIN, ADMIN_USAGE, readArguments } from '../arguments.ts'
import { createCommand } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { renderTable } from '../table.ts'
import { minute } from '../wording.ts'

/** `webhook list`: where webhooks are sent, and how that goes. */

const USAGE = `usage: recovery-gateway webhook list [OPTION…]

${ADMIN_USAGE}`

interface Request {
  readonly admin: string | undefined
  readonly json: boolean
}

export const runList = createCommand<Request>({
  usage: USAGE,
  parse(args) {
    const read = readArguments(args, ADMIN)
    return read === 'help' ? read : { admin: read.values.admin, json: read.values.json }
  },
  work: list,
})

async function list({ admin, json }: Request, io: CommandIo): Promise<void> {
  const endpoints = await createAdminClient(admin, io).webhooks()
  if (json) return io.stdout(`${JSON.stringify(endpoints)}\n`)
  if (endpoints.length === 0) return io.stdout('No endpoint of webhooks is configured.\n')
  const columns = ['endpoint', 'partner', 'state', 'waiting', 'oldest', 'given up', 'delivered', 'receiver, failure']
  const rows = endpoints.map(({ id, partner, state, waiting, oldestAt, dead, deliveredAt, receiver, failure }) => [
    id,
    partner,
    state,
    String(waiting),
    minute(oldestAt),
    String(dead),
    minute(deliveredAt),
    failure === null ? receiver : `${receiver}, ${failure}`,
  ])
  io.stdout(renderTable({ columns, rows }, io.columns))
}
