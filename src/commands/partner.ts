import { BPNL } from '../model/business-partner-number.ts'
import { ConfigError } from '../model/operator-file.ts'
import { createAdminClient } from './admin-client.ts'
import { ADMIN, ADMIN_USAGE, readArguments } from './arguments.ts'
import { createCommand, type Outcome, UsageError } from './command.ts'
import type { CommandEntries } from './command-group.ts'
import type { CommandIo } from './command-io.ts'
import { readMapping } from './input.ts'
import { askAndSubmit, assertAskable, type Draft, placesIn } from './signing/ask-and-submit.ts'
import { openSigner } from './signing/signer.ts'
import { parseSigning, SIGNING, SIGNING_USAGE, type SigningRequest } from './signing/signing-request.ts'
import { renderTable } from './table.ts'

/** `partner …`: who may ask. Every change is a statement of the partner manager. */

interface GrantRequest extends SigningRequest {
  /** The file, or the partner's number. */
  readonly operand: string
}

/** A command that signs one kind of partner grant. */
function createGrantCommand(
  usage: string,
  operand: 'FILE' | 'BPNL',
  draftOf: (operand: string, io: CommandIo) => Promise<Draft>,
) {
  return createCommand<GrantRequest>({
    usage,
    parse(args) {
      const read = readArguments(args, SIGNING, [operand])
      if (read === 'help') return read
      if (operand === 'BPNL' && !BPNL.test(read.operands[operand]))
        throw new UsageError(`BPNL ${read.operands[operand]}: must be BPNL and 12 letters or digits`)
      return { ...parseSigning(read.values), operand: read.operands[operand] }
    },
    async work(request, io): Promise<Outcome> {
      assertAskable(request, io)
      const draft = await draftOf(request.operand, io)
      const admin = createAdminClient(request.admin, io)
      const signer = await openSigner(request, 'PARTNER_MANAGER', io)
      return askAndSubmit({ draft, signer, request, admin }, io)
    },
  })
}

const FILE_USAGE = `FILE (or -) is YAML or JSON: bpnl, name, roles, scopes, clients; and sites, wave, limits,
token_binding (DPOP or MUTUAL_TLS) where there are any.`

const runAdd = createGrantCommand(
  `usage: recovery-gateway partner add FILE|- [OPTION…]

Registers a partner with all that it is granted.
${FILE_USAGE}

${SIGNING_USAGE}`,
  'FILE',
  (file, io) => draftOfEntry('REGISTER', file, io),
)

const runChange = createGrantCommand(
  `usage: recovery-gateway partner change FILE|- [OPTION…]

Replaces all that a partner is granted; one that is disabled stays disabled.
${FILE_USAGE}

${SIGNING_USAGE}`,
  'FILE',
  (file, io) => draftOfEntry('CHANGE', file, io),
)

const runDisable = createGrantCommand(
  `usage: recovery-gateway partner disable BPNL [OPTION…]

Every request of the partner is refused from then on; partner enable takes that back.

${SIGNING_USAGE}`,
  'BPNL',
  async bpnl => ({
    kind: 'partner-grant',
    claims: { sub: subjectOf(bpnl), action: 'DISABLE' },
    placeOf: placesIn('partner disable'),
  }),
)

const runEnable = createGrantCommand(
  `usage: recovery-gateway partner enable BPNL [OPTION…]

Takes a disabling back: the partner has the rights that it had.

${SIGNING_USAGE}`,
  'BPNL',
  async bpnl => ({
    kind: 'partner-grant',
    claims: { sub: subjectOf(bpnl), action: 'ENABLE' },
    placeOf: placesIn('partner enable'),
  }),
)

async function draftOfEntry(action: 'REGISTER' | 'CHANGE', file: string, io: CommandIo): Promise<Draft> {
  const { source, members } = await readMapping(file, io)
  const { bpnl, ...partner } = members
  if (typeof bpnl !== 'string')
    throw new ConfigError([`${source}: bpnl: is missing; must be the partner's BPNL (CX-0010)`])
  const inFile = placesIn(source)
  return {
    kind: 'partner-grant',
    claims: { sub: subjectOf(bpnl), action, partner },
    placeOf: claim => inFile(claim === 'sub' ? 'bpnl' : claim.replace(/^partner\.?/, '')),
  }
}

const subjectOf = (bpnl: string): string => `urn:partner:${bpnl}`

const LIST_USAGE = `usage: recovery-gateway partner list [OPTION…]

${ADMIN_USAGE}`

const runList = createCommand<{ readonly admin: string | undefined; readonly json: boolean }>({
  usage: LIST_USAGE,
  parse(args) {
    const read = readArguments(args, ADMIN)
    return read === 'help' ? read : { admin: read.values.admin, json: read.values.json }
  },
  async work({ admin, json }, io): Promise<void> {
    const partners = await createAdminClient(admin, io).partners()
    const rows = partners.map(({ bpnl, name, roles, wave, tokenBinding, disabled, clients }) => [
      bpnl,
      name,
      roles.join(', '),
      wave === null ? '–' : String(wave),
      tokenBinding === 'NONE' ? '–' : tokenBinding,
      disabled ? 'disabled' : 'enabled',
      clients.join(', '),
    ])
    const columns = ['bpnl', 'name', 'roles', 'wave', 'binding', 'state', 'clients']
    io.stdout(json ? `${JSON.stringify(partners)}\n` : renderTable({ columns, rows }, io.columns))
  },
})

export const PARTNER_VERBS: CommandEntries = new Map([
  ['list', { form: 'partner list', does: 'show all partners', run: runList }],
  ['add', { form: 'partner add FILE|-', does: 'register a partner with its rights', run: runAdd }],
  ['change', { form: 'partner change FILE|-', does: 'replace the rights of a partner', run: runChange }],
  ['disable', { form: 'partner disable BPNL', does: 'refuse everything that a partner asks', run: runDisable }],
  ['enable', { form: 'partner enable BPNL', does: 'take a disabling back', run: runEnable }],
])
