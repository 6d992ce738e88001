import { writeFile } from 'node:fs/promises'
import type { SystemKey } from '../model/system.ts'
import { SIGNATORY_ROLES, type SignatoryRole } from '../recovery/signatory.ts'
import { STATEMENT_ALGORITHMS, type StatementAlgorithm } from '../recovery/statements/key-id.ts'
import { createSigningKey } from '../recovery/statements/signing-key.ts'
import { line } from '../recovery/statements/vocabulary.ts'
import { choice, HELP, HELP_USAGE, readArguments, required, systemNamed } from './arguments.ts'
import { CommandFailure, createCommand, UsageError } from './command.ts'
import type { CommandEntries } from './command-group.ts'
import type { CommandIo } from './command-io.ts'

/** `keys new`: a key pair for somebody who signs. The private part goes to its holder's file and nowhere else. */

const USAGE = `usage: recovery-gateway keys new --role ROLE --name NAME --out FILE [OPTION…]

Writes a new private key to FILE, for its holder alone.
Prints the public entry for the file of pinned keys.

  --role ROLE              what the holder is:
                           ${SIGNATORY_ROLES.slice(0, 4).join(', ')},
                           ${SIGNATORY_ROLES.slice(4).join(', ')}
  --name NAME              the person, as journal and partners shall have it
  --algorithm A            ${STATEMENT_ALGORITHMS.join(' or ')} (EdDSA)
  --system NAME            a system that the holder may speak of; may be repeated (default: all)
  --out FILE               file of the private key; one that is there is never overwritten
${HELP_USAGE}`

interface Request {
  readonly role: SignatoryRole
  readonly name: string
  readonly algorithm: StatementAlgorithm
  /** Undefined: all. */
  readonly systems: readonly SystemKey[] | undefined
  readonly out: string
}

const runNew = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: makeKey })

export const KEYS_VERBS: CommandEntries = new Map([
  [
    'new',
    {
      form: 'keys new --role ROLE --name NAME --out FILE',
      does: 'make a key for somebody who signs',
      run: runNew,
    },
  ],
])

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, {
    role: { type: 'string' },
    name: { type: 'string' },
    algorithm: { type: 'string', default: 'EdDSA' },
    system: { type: 'string', multiple: true },
    out: { type: 'string' },
    ...HELP,
  })
  if (read === 'help') return read
  const { role, name, algorithm, system, out } = read.values
  if (!line.safeParse(required('--name', name)).success)
    throw new UsageError('--name: allowed is text of 1 to 200 characters on one line')
  return {
    role: choice('--role', required('--role', role), SIGNATORY_ROLES),
    name: required('--name', name),
    algorithm: choice('--algorithm', algorithm, STATEMENT_ALGORITHMS),
    systems: system && [...new Set(system.map(slug => systemNamed('--system', slug)))],
    out: required('--out', out),
  }
}

async function makeKey({ role, name, algorithm, systems, out }: Request, io: CommandIo): Promise<void> {
  const { privateJwk, publicJwk } = await createSigningKey(algorithm)
  try {
    await writeFile(out, `${JSON.stringify(privateJwk, null, 2)}\n`, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new CommandFailure(`${out}: is there already, and a key is never overwritten; choose another file`, { cause })
  }
  io.stdout(`${JSON.stringify({ ...publicJwk, role, name, ...(systems && { systems }) }, null, 2)}\n`)
}
