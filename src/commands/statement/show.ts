import { parsePayload } from '../../recovery/statements/claims.ts'
import { parseCompactForm, typOf } from '../../recovery/statements/compact-form.ts'
import { HELP, HELP_USAGE, JSON_OUTPUT, JSON_USAGE, readArguments } from '../arguments.ts'
import { createCommand } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { readInput } from '../input.ts'
import { printable } from '../printable.ts'
import { claimsText } from '../signing/ask-and-submit.ts'
import { pinnedKeysOf, recoveryOf } from '../signing/pinned-keys.ts'

/** `statement show`: what a statement says, for people. It verifies nothing and says so. */

const USAGE = `usage: recovery-gateway statement show FILE|- [OPTION…]

  --config FILE            the gateway's configuration, whose pinned keys say who signed
${JSON_USAGE}${HELP_USAGE}`

interface Request {
  readonly file: string
  readonly config: string | undefined
  readonly json: boolean
}

export const runShow = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: show })

function parseRequest(args: readonly string[]): Request | 'help' {
  const read = readArguments(args, { config: { type: 'string' }, ...JSON_OUTPUT, ...HELP }, ['FILE'])
  if (read === 'help') return read
  return { file: read.operands.FILE, config: read.values.config, json: read.values.json }
}

async function show({ file, config, json }: Request, io: CommandIo): Promise<void> {
  const { algorithm, kind, keyId, payload } = parseCompactForm((await readInput(file, io)).text.trim())
  const { envelope, claims } = parsePayload(kind, payload)
  const holder = await holderOf(keyId, config, io)
  if (json) {
    const header = { alg: algorithm, typ: typOf(kind), kid: keyId }
    io.stdout(`${JSON.stringify({ verified: false, kind, header, envelope, holder, claims })}\n`)
    return
  }
  const { sub, ...rest } = claims
  const { jti, aud, inc, iat, nbf, exp } = envelope
  const facts = [
    `Statement    ${kind}`,
    `Id           ${jti}`,
    `Header       alg ${algorithm}, typ ${typOf(kind)}, kid ${keyId}`,
    `Key of       ${holder === null ? 'nobody who is pinned here' : `${holder.name} (${holder.role})`}`,
    `For          ${aud}, incident ${inc}`,
    `Signed at    ${timeOf(iat)}`,
    ...(nbf === undefined ? [] : [`Valid from   ${timeOf(nbf)}`]),
    `Valid until  ${timeOf(exp)}`,
    `About        ${sub}`,
  ]
  io.stdout(`${printable(facts.join('\n'))}\n\n${claimsText(rest)}`)
  io.stderr(
    '\nNot verified: this is what it says, not that it holds. Only the gateway says that: statement submit --dry-run\n',
  )
}

/** Whom the pinned keys name; null: nobody, or there are no pinned keys where nobody said that there are. */
async function holderOf(keyId: string, config: string | undefined, io: CommandIo) {
  const ring = recoveryOf(config, io).then(pinnedKeysOf)
  const holder = (config === undefined ? await ring.catch(() => null) : await ring)?.find(keyId)
  return holder === undefined ? null : { name: holder.name, role: holder.role }
}

const timeOf = (seconds: number): string => new Date(seconds * 1_000).toISOString()
