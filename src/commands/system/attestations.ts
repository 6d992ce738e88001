import { SYSTEM_NAMES, type SystemKey } from '../../model/system.ts'
import { createAdminClient } from '../admin-client.ts'
import { ADMIN, ADMIN_USAGE, LONG, readArguments, systemNamed } from '../arguments.ts'
import { createCommand } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { renderTable } from '../table.ts'
import { minute, shownId } from '../wording.ts'

/** `system attestations NAME`: who has attested what is restored now, and whether it still counts. */

const USAGE = `usage: recovery-gateway system attestations NAME [--long] [OPTION…]

  --long                   show ids whole
${ADMIN_USAGE}`

interface Request {
  readonly system: SystemKey
  readonly long: boolean
  readonly admin: string | undefined
  readonly json: boolean
}

export const runAttestations = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: list })

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, { ...LONG, ...ADMIN }, ['NAME'])
  if (read === 'help') return read
  const { long, admin, json } = read.values
  return { system: systemNamed('NAME', read.operands.NAME), long, admin, json }
}

async function list({ system, long, admin, json }: Request, io: CommandIo): Promise<void> {
  const attestations = await createAdminClient(admin, io).attestations(system)
  if (json) return io.stdout(`${JSON.stringify(attestations)}\n`)
  if (attestations.length === 0) return io.stdout(`${SYSTEM_NAMES[system]}: nobody attests what is restored now.\n`)
  const columns = ['id', 'standing', 'issued', 'expires', 'revision', 'role, name']
  const rows = attestations.map(({ id, standing, issuedAt, expiresAt, intrusionRevision, role, name }) => [
    shownId(id, long),
    standing,
    minute(issuedAt),
    minute(expiresAt),
    String(intrusionRevision),
    `${role}, ${name}`,
  ])
  io.stdout(renderTable({ columns, rows }, io.columns))
}
