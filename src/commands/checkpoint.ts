import { readCheckpoint } from '../recovery/journal/checkpoint.ts'
import { appendCheckpoint } from '../recovery/journal/checkpoint-file.ts'
import { createAdminClient } from './admin-client.ts'
import { ADMIN, ADMIN_USAGE, readArguments } from './arguments.ts'
import { CommandFailure, createCommand } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { cannotBe } from './input.ts'
import { counted } from './wording.ts'

/** `checkpoint`: the gateway's word on the whole journal, to be kept where nobody who can write to the journal can. */

const USAGE = `usage: recovery-gateway checkpoint [--out FILE] [OPTION…]

Prints a checkpoint of the whole journal, signed by the gateway: a compact JWS, one line.

  --out FILE               add it to this file instead, as the last line
${ADMIN_USAGE}`

interface Request {
  readonly out: string | undefined
  readonly admin: string | undefined
  readonly json: boolean
}

export const runCheckpoint = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: makeCheckpoint })

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, { out: { type: 'string' }, ...ADMIN })
  return read === 'help' ? read : { out: read.values.out, admin: read.values.admin, json: read.values.json }
}

async function makeCheckpoint({ out, admin, json }: Request, io: CommandIo): Promise<void> {
  const { checkpoint } = await createAdminClient(admin, io).checkpoint()
  if (checkpoint === null) throw new CommandFailure('the journal is empty: there is nothing to make a checkpoint of')
  if (out !== undefined) await appendCheckpoint(out, checkpoint).catch(cannotBe('written', out))
  const { size, head, at } = readCheckpoint(checkpoint)
  if (json) io.stdout(`${JSON.stringify({ checkpoint, size, head, at })}\n`)
  else if (out === undefined) io.stdout(`${checkpoint}\n`)
  else io.stdout(`${out}: ${counted(size, 'entry', 'entries')}, head ${head}, ${at}\n`)
}
