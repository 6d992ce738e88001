import { type KindName, kindNamed, STATEMENT_KINDS } from '../../recovery/statements/statement-kinds.ts'
import { choice, HELP, HELP_USAGE, JSON_OUTPUT, JSON_USAGE, readArguments, required } from '../arguments.ts'
import { createCommand, type Outcome } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { readMapping } from '../input.ts'
import { askAndSign, assertAskable, placesIn } from '../signing/ask-and-submit.ts'
import { openSigner } from '../signing/signer.ts'
import { KEY, KEY_USAGE, parseSigning, type SigningRequest } from '../signing/signing-request.ts'

/** `statement sign`: any kind of statement, signed and printed. Needs no gateway and no network. */

/** What only the gateway signs is not offered. */
const KINDS = STATEMENT_KINDS.filter(({ signers }) => signers.some(role => role !== 'GATEWAY')).map(({ kind }) => kind)

const USAGE = `usage: recovery-gateway statement sign --kind KIND --claims FILE|- [--key FILE] [OPTION…]

Prints the signed statement, a compact JWS. docs/statements/ has the claims of each kind.

  --kind KIND              ${KINDS.slice(0, 4).join(', ')},
                           ${KINDS.slice(4, 8).join(', ')},
                           ${KINDS.slice(8).join(', ')}
  --claims FILE|-          the claims of the kind with their subject (sub), in YAML or JSON
${KEY_USAGE}${JSON_USAGE}${HELP_USAGE}`

interface Request extends SigningRequest {
  readonly kind: KindName
  readonly claims: string
}

export const runSign = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: signIt })

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, {
    kind: { type: 'string' },
    claims: { type: 'string' },
    ...KEY,
    ...JSON_OUTPUT,
    ...HELP,
  })
  if (read === 'help') return read
  const kind = choice('--kind', required('--kind', read.values.kind), KINDS)
  return { ...parseSigning(read.values), kind, claims: required('--claims', read.values.claims) }
}

async function signIt(request: Request, io: CommandIo): Promise<Outcome> {
  assertAskable(request, io)
  const { kind } = request
  const { source, members } = await readMapping(request.claims, io)
  const [first = 'RECOVERY_LEAD'] = kindNamed(kind).signers
  const signer = await openSigner(request, first, io)
  const draft = { kind, claims: members, placeOf: placesIn(source) }
  const statement = await askAndSign({ draft, signer, request, question: 'Sign?' }, io)
  if (statement === null) return 'refused'
  io.stdout(request.json ? `${JSON.stringify({ statement })}\n` : `${statement}\n`)
  return 'done'
}
