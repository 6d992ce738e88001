import { createAdminClient } from '../admin-client.ts'
import { ADMIN, ADMIN_USAGE, readArguments } from '../arguments.ts'
import { createCommand } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { counted } from '../wording.ts'

/** `webhook retry ENDPOINT`: what was given up is tried again, and an endpoint that was gone is sent to again. */

const USAGE = `usage: recovery-gateway webhook retry ENDPOINT [--id ID] [OPTION…]

Tries what was given up again. An endpoint that has answered 410 is sent to again: what was given up
there, and everything that has changed since. An id that was not given up there changes nothing.

  --id ID                  only the webhook with this id, whole (webhook dead --long)
${ADMIN_USAGE}`

interface Request {
  readonly endpoint: string
  readonly id: string | null
  readonly admin: string | undefined
  readonly json: boolean
}

export const runRetry = createCommand<Request>({
  usage: USAGE,
  parse(args) {
    const read = readArguments(args, { id: { type: 'string' }, ...ADMIN }, ['ENDPOINT'])
    if (read === 'help') return read
    const { id = null, admin, json } = read.values
    return { endpoint: read.operands.ENDPOINT, id, admin, json }
  },
  work: retry,
})

async function retry({ endpoint, id, admin, json }: Request, io: CommandIo) {
  const answer = await createAdminClient(admin, io).retryWebhooks(endpoint, id)
  const isUnknown = id !== null && answer.queued === 0
  const said = isUnknown
    ? `no webhook ${id} was given up there, and nothing is changed; webhook dead --long has the ids.`
    : `${counted(answer.queued, 'webhook is', 'webhooks are')} tried again.`
  io.stdout(json ? `${JSON.stringify(answer)}\n` : `${endpoint}: ${said}\n`)
  return isUnknown ? ('refused' as const) : ('done' as const)
}
