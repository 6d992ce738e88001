import { createAdminClient } from '../admin-client.ts'
import { ADMIN, ADMIN_USAGE, readArguments } from '../arguments.ts'
import { createCommand } from '../command.ts'
import type { CommandIo } from '../command-io.ts'

/** `webhook test ENDPOINT`: shows whether a receiver takes what it is sent. */

const USAGE = `usage: recovery-gateway webhook test ENDPOINT [OPTION…]

Sends a message of the type webhook.test, which says nothing of the restart; webhook list shows what
became of it. An endpoint that has answered 410 is sent nothing, not a test either: webhook retry enables it.

${ADMIN_USAGE}`

interface Request {
  readonly endpoint: string
  readonly admin: string | undefined
  readonly json: boolean
}

export const runTest = createCommand<Request>({
  usage: USAGE,
  parse(args) {
    const read = readArguments(args, ADMIN, ['ENDPOINT'])
    if (read === 'help') return read
    return { endpoint: read.operands.ENDPOINT, admin: read.values.admin, json: read.values.json }
  },
  work: send,
})

async function send({ endpoint, admin, json }: Request, io: CommandIo): Promise<void> {
  const answer = await createAdminClient(admin, io).testWebhook(endpoint)
  io.stdout(json ? `${JSON.stringify(answer)}\n` : `${endpoint}: a test is on its way.\n`)
}
