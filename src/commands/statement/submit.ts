import { createAdminClient } from '../admin-client.ts'
import { ADMIN, ADMIN_USAGE, readArguments } from '../arguments.ts'
import { createCommand, type Outcome } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { readInput } from '../input.ts'
import { handIn } from '../signing/answers.ts'
import { HANDING_IN, HANDING_IN_USAGE } from '../signing/signing-request.ts'

/** `statement submit`: hands in what was signed before, by whomever. */

const USAGE = `usage: recovery-gateway statement submit FILE|- [--dry-run] [OPTION…]

${HANDING_IN_USAGE}${ADMIN_USAGE}`

interface Request {
  readonly file: string
  readonly dryRun: boolean
  readonly verbose: boolean
  readonly admin: string | undefined
  readonly json: boolean
}

export const runSubmit = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: submit })

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, { ...HANDING_IN, ...ADMIN }, ['FILE'])
  if (read === 'help') return read
  const { 'dry-run': dryRun, verbose, admin, json } = read.values
  return { file: read.operands.FILE, dryRun, verbose, admin, json }
}

async function submit({ file, admin, ...rest }: Request, io: CommandIo): Promise<Outcome> {
  const { text } = await readInput(file, io)
  return handIn(text.trim(), { ...rest, admin: createAdminClient(admin, io) }, io)
}
