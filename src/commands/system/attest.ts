import { SYSTEM_NAMES, type SystemKey } from '../../model/system.ts'
import { acceptedOf } from '../../recovery/journal/entry.ts'
import type { SignatoryRole } from '../../recovery/statements/signatory.ts'
import { systemUrn } from '../../recovery/statements/vocabulary.ts'
import { type AdminClient, createAdminClient } from '../admin-client.ts'
import { readArguments, systemNamed } from '../arguments.ts'
import { CommandFailure, createCommand, type Outcome, UsageError } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { readMapping } from '../input.ts'
import { askAndSubmit, assertAskable, type Draft, placesIn } from '../signing/ask-and-submit.ts'
import { openSigner } from '../signing/signer.ts'
import { parseSigning, SIGNING, SIGNING_USAGE, type SigningRequest } from '../signing/signing-request.ts'
import { minute } from '../wording.ts'
import { draftAttestation } from './attestation-draft.ts'

/** `system attest NAME`: one attester's word on a restored system, given for the first time or given anew. */

const USAGE = `usage: recovery-gateway system attest NAME --claims FILE|- [OPTION…]
       recovery-gateway system attest NAME --renew ID|latest [OPTION…]
       recovery-gateway system attest NAME --draft [--as ROLE]

  --claims FILE|-          what is attested, in YAML or JSON (docs/statements/restore-attestation.md)
  --renew ID|latest        what was attested before, by your role: look at it again, sign it anew
  --draft                  sign nothing; print claims to complete: what the journal knows of the restore,
                           checks to choose from, and the relations and columns that can be counted
${SIGNING_USAGE}`

interface Request extends SigningRequest {
  readonly system: SystemKey
  readonly from: { readonly claims: string } | { readonly renew: string } | 'draft'
}

export const runAttest = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: attest })

function parseRequest(args: readonly string[]): Request | 'help' {
  const options = {
    claims: { type: 'string' },
    renew: { type: 'string' },
    draft: { type: 'boolean', default: false },
    ...SIGNING,
  } as const
  const read = readArguments(args, options, ['NAME'])
  if (read === 'help') return read
  const { claims, renew, draft } = read.values
  const given = [
    ...(claims === undefined ? [] : [{ claims }]),
    ...(renew === undefined ? [] : [{ renew }]),
    ...(draft ? ['draft' as const] : []),
  ]
  const [from] = given
  if (from === undefined || given.length > 1)
    throw new UsageError('say what is attested: --claims FILE, --renew ID|latest or --draft, and one of them')
  return { ...parseSigning(read.values), system: systemNamed('NAME', read.operands.NAME), from }
}

const USUAL_ROLE = 'FORENSICS_LEAD'

async function attest(request: Request, io: CommandIo): Promise<Outcome> {
  const { system, from } = request
  const admin = createAdminClient(request.admin, io)
  if (from === 'draft') {
    io.stdout(await draftAttestation(system, request.role ?? USUAL_ROLE, admin))
    return 'done'
  }
  assertAskable(request, io)
  const signer = await openSigner(request, USUAL_ROLE, io)
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
  return { kind: 'restore-attestation', claims: { sub, ...members }, placeOf: placesIn(source) }
}

/** What was taken back is not said again by itself: it needs claims of its own. */
async function renewed(system: SystemKey, wanted: string, role: SignatoryRole, admin: AdminClient): Promise<Draft> {
  const own = (await admin.attestations(system)).filter(attestation => attestation.role === role)
  const standing = own.filter(attestation => attestation.standing === 'VALID' || attestation.standing === 'EXPIRED')
  const found = wanted === 'latest' ? standing.at(-1) : standing.find(({ id }) => id === wanted)
  if (found === undefined) {
    const all = own.map(({ id, standing, expiresAt }) => `\n  ${id} ${standing}, until ${minute(expiresAt)}`)
    const which = wanted === 'latest' || standing.length === 0 ? 'none' : `no attestation ${wanted}`
    throw new CommandFailure(
      `${SYSTEM_NAMES[system]}: ${which} by ${role} counts for what is restored now; attest anew with --claims${all.join('')}`,
    )
  }
  for await (const row of admin.journal(0)) {
    if (row.statementId !== found.id) continue
    const { statement } = acceptedOf(row)
    if (statement.kind === 'restore-attestation')
      return { kind: statement.kind, claims: { ...statement.claims }, placeOf: placesIn(`attestation ${found.id}`) }
  }
  throw new CommandFailure(`the journal has no attestation ${found.id}`)
}
