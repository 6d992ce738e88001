import { kindNamed } from '../../recovery/statements/statement-kinds.ts'
import { type AdminClient, createAdminClient } from '../admin-client.ts'
import { optionFor, readArguments, required } from '../arguments.ts'
import { type Command, createCommand, type Outcome } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { printable } from '../printable.ts'
import { askAndSubmit, assertAskable } from './ask-and-submit.ts'
import { openSigner, type Signer } from './signer.ts'
import { parseSigning, SIGNING, SIGNING_USAGE, type SigningRequest } from './signing-request.ts'

/** Commands that take something back for good: an attestation, a key. Called by the two that do. */

interface Request extends SigningRequest {
  readonly operand: string
  readonly reason: string
}

/** What is taken back. */
export interface Revoked {
  /** Its URN, as the statement names it. */
  readonly sub: string
  /** In a line, for whoever is asked. */
  readonly is: string
}

/** `find` throws `CommandFailure` where there is no such thing. */
export function createRevocationCommand<N extends string>(
  usage: string,
  operand: N,
  find: (operand: string, known: { readonly admin: AdminClient; readonly signer: Signer }) => Promise<Revoked>,
): Command {
  const [usualRole = 'FORENSICS_LEAD'] = kindNamed('revocation').signers
  return createCommand<Request>({
    usage: `${usage}
  --reason TEXT            why it no longer counts, for the journal
${SIGNING_USAGE}`,
    parse(args) {
      const read = readArguments(args, { reason: { type: 'string' }, ...SIGNING }, [operand])
      if (read === 'help') return read
      const reason = required('--reason', read.values.reason)
      return { ...parseSigning(read.values), operand: read.operands[operand], reason }
    },
    async work(request, io: CommandIo): Promise<Outcome> {
      assertAskable(request, io)
      const admin = createAdminClient(request.admin, io)
      const signer = await openSigner(request, usualRole, io)
      const { sub, is } = await find(request.operand, { admin, signer })
      io.stderr(`${printable(is)}\n\n`)
      const draft = { kind: 'revocation', claims: { sub, reason: request.reason }, placeOf: optionFor } as const
      return askAndSubmit({ draft, signer, request, admin }, io)
    },
  })
}
