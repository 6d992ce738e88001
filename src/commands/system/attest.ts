import { SYSTEM_NAMES, type SystemKey } from '../../model/system.ts'
import { acceptedOf } from '../../recovery/journal/entry.ts'
import type { SignatoryRole } from '../../recovery/signatory.ts'
import { systemUrn } from '../../recovery/statements/vocabulary.ts'
import { type AdminClient, createAdminClient } from '../admin-client.ts'
import { readArguments, systemNamed } from '../arguments.ts'
import { CommandFailure, createCommand, type Outcome, UsageError } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { readMapping } from '../input.ts'
import { askAndSubmit, assertAskable, type Draft } from '../signing/ask-and-submit.ts'
import { openSigner } from '../signing/signer.ts'
import { parseSigning, SIGNING, SIGNING_USAGE, type SigningRequest } from '../signing/signing-request.ts'

/** `system attest NAME`: one attester's word on a restored system, given for the first time or given anew. */

const USAGE = `usage: recovery-gateway system attest NAME --claims FILE|- [OPTION…]
       recovery-gateway system attest NAME --renew ID|latest [OPTION…]

  --claims FILE|-          what is attested, in YAML or JSON (docs/statements/restore-attestation.md)
  --renew ID|latest        what was attested before, by your role: look at it again, sign it anew
${SIGNING_USAGE}`

interface Request extends SigningRequest {
  readonly system: SystemKey
  readonly from: { readonly claims: string } | { readonly renew: string }
}

export const runAttest = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: attest })

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, { claims: { type: 'string' }, renew: { type: 'string' }, ...SIGNING }, ['NAME'])
  if (read === 'help') return read
  const { claims, renew } = read.values
  const system = systemNamed('NAME', read.operands.NAME)
  const signing = parseSigning(read.values)
  if (claims !== undefined && renew === undefined) return { ...signing, system, from: { claims } }
  if (renew !== undefined && claims === undefined) return { ...signing, system, from: { renew } }
  throw new UsageError('say what is attested: either --claims FILE or --renew ID|latest')
}

async function attest(request: Request, io: CommandIo): Promise<Outcome> {
  assertAskable(request, io)
  const { system, from } = request
  const admin = createAdminClient(request.admin, io)
  const signer = await openSigner(request, 'FORENSICS_LEAD', io)
  const draft =
    'claims' in from
      ? await given(system, from.claims, io)
      : await renewed(system, from.renew, signer.holder.role, admin)
  return askAndSubmit({ draft, signer, request, admin }, io)
}

async function given(system: SystemKey, file: string, io: CommandIo): Promise<Draft> {
  const { source, members } = await readMapping(file, io)
  const sub = systemUrn(system)
  if (members.sub !== undefined && members.sub !== sub)
    throw new CommandFailure(`${source}: sub: is of another system; must be ${sub}, or be left out`)
  return { kind: 'restore-attestation', claims: { sub, ...members }, source }
}

/** What was taken back is not said again by itself: it needs claims of its own. */
async function renewed(system: SystemKey, wanted: string, role: SignatoryRole, admin: AdminClient): Promise<Draft> {
  const own = (await admin.attestations(system)).filter(attestation => attestation.role === role)
  const standing = own.filter(attestation => attestation.standing === 'VALID' || attestation.standing === 'EXPIRED')
  const found = wanted === 'latest' ? standing.at(-1) : standing.find(({ id }) => id === wanted)
  if (found === undefined) {
    const all = own.map(({ id, standing, expiresAt }) => `  ${id} ${standing}, until ${expiresAt}`)
    const list = all.length > 0 ? `its attestations by ${role} are:\n${all.join('\n')}` : `none by ${role} was accepted`
    throw new CommandFailure(
      `${SYSTEM_NAMES[system]} has no attestation ${wanted} by ${role} that can be renewed (one that was revoked cannot); ${list}`,
    )
  }
  for await (const row of admin.journal(0)) {
    if (row.statementId !== found.id) continue
    const { statement } = acceptedOf(row)
    if (statement.kind === 'restore-attestation')
      return { kind: statement.kind, claims: { ...statement.claims }, source: `attestation ${found.id}` }
  }
  throw new CommandFailure(`the journal has no attestation ${found.id}`)
}
