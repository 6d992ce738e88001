import { LIFECYCLES, SYSTEM_NAMES, type SystemKey, type SystemLifecycle } from '../../model/system.ts'
import { createAdminClient, systemIn } from '../admin-client.ts'
import { ADMIN, ADMIN_USAGE, choice, readArguments, systemNamed } from '../arguments.ts'
import { createCommand, type Outcome } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { renderGuards } from '../guards-table.ts'
import { waysOut } from './ways-out.ts'

/** `system check NAME`: every guard of a step as it is now, without a statement. */

const USAGE = `usage: recovery-gateway system check NAME [--to STATE] [OPTION…]

Shows all guards of the next step. The exit code is 1 where one of them has not passed.

  --to STATE               of the step to this state instead
${ADMIN_USAGE}`

interface Request {
  readonly system: SystemKey
  /** Null: the next step. */
  readonly to: SystemLifecycle | null
  readonly admin: string | undefined
  readonly json: boolean
}

export const runCheck = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: check })

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, { to: { type: 'string' }, ...ADMIN }, ['NAME'])
  if (read === 'help') return read
  const { to, admin, json } = read.values
  return {
    system: systemNamed('NAME', read.operands.NAME),
    to: to === undefined ? null : choice('--to', to, LIFECYCLES),
    admin,
    json,
  }
}

async function check({ system, to: wanted, admin: url, json }: Request, io: CommandIo): Promise<Outcome> {
  const admin = createAdminClient(url, io)
  const view = await admin.check(system, wanted)
  const { from, to, guards } = view
  const name = SYSTEM_NAMES[system]
  if (json) io.stdout(`${JSON.stringify(view)}\n`)
  else {
    if (from === 'SUSPENDED') io.stdout(`${waysOut(systemIn(await admin.status(), system), io.columns)}\n`)
    if (to === null) io.stdout(`${name}: ${from}; there is no step up from here\n`)
    else io.stdout(`${name}: ${from} → ${to}\n\n${renderGuards(guards, io.columns)}`)
  }
  return guards.every(({ outcome }) => outcome === 'PASSED') ? 'done' : 'refused'
}
