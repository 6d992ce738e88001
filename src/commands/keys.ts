import { writeFile } from 'node:fs/promises'
import type { SystemKey } from '../model/system.ts'
import { STATEMENT_ALGORITHMS, type StatementAlgorithm } from '../recovery/statements/key-id.ts'
import { SIGNATORY_ROLES, type SignatoryRole } from '../recovery/statements/signatory.ts'
import { createSigningKey } from '../recovery/statements/signing-key.ts'
import { line } from '../recovery/statements/vocabulary.ts'
import { choice, HELP, HELP_USAGE, readArguments, required, systemNamed } from './arguments.ts'
import { CommandFailure, createCommand, UsageError } from './command.ts'
import type { CommandEntries } from './command-group.ts'
import type { CommandIo } from './command-io.ts'
import { cannotBe } from './input.ts'
import { createRevocationCommand } from './signing/revocation.ts'

/** `keys …`: a key pair for somebody who signs, whose private part goes to its holder's file and nowhere else; and its end. */

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

const WITHDRAW_USAGE = `usage: recovery-gateway keys withdraw KEYID --reason TEXT [OPTION…]

Withdraws a key for good, with everything that it attested. KEYID is its thumbprint (kid).
A system that no two attestations carry any more closes at once.
Give the key a withdrawn_at in the file of pinned keys, too.
`

const runWithdraw = createRevocationCommand(WITHDRAW_USAGE, 'KEYID', async (keyId, { signer: { pinned } }) => {
  const holder = pinned.find(keyId)
  if (holder !== undefined) return { sub: `urn:key:${keyId}`, is: `Key of ${holder.name} (${holder.role})` }
  const all = pinned.all().map(({ keyId, name, role }) => `  ${keyId}  ${name} (${role})`)
  throw new CommandFailure(`KEYID ${keyId}: is not pinned; pinned are\n${all.join('\n')}`)
})

export const KEYS_VERBS: CommandEntries = new Map([
  [
    'new',
    {
      form: 'keys new --role ROLE --name NAME --out FILE',
      does: 'make a key for somebody who signs',
      run: runNew,
    },
  ],
  [
    'withdraw',
    {
      form: 'keys withdraw KEYID --reason TEXT',
      does: 'withdraw a key and all that it attested',
      run: runWithdraw,
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
    throw new UsageError('--name: must be text of 1 to 200 characters on one line')
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
  const text = `${JSON.stringify(privateJwk, null, 2)}\n`
  await writeFile(out, text, { flag: 'wx', mode: 0o600 }).catch(cannotBe('written', out))
  io.stdout(`${JSON.stringify({ ...publicJwk, role, name, ...(systems && { systems }) }, null, 2)}\n`)
}
