import { z } from 'zod'
import { canonicalBytes } from '../../model/base64url.ts'
import { STATEMENT_ALGORITHMS, type StatementAlgorithm } from './key-id.ts'
import { quoted, StatementRefusal } from './refusal.ts'
import { findKind, type KindName, STATEMENT_KINDS } from './statement-kinds.ts'
import { parseUniqueJson } from './unique-json.ts'

/**
 * The form of a statement: one compact JWS (RFC 7515 §7.1) with a header of exactly `alg`, `typ` and `kid`. Called
 * before anything of a statement is believed; it checks no signature and reads no claim.
 */

export interface CompactForm {
  /** As the header says; the key's own must be the same. */
  readonly algorithm: StatementAlgorithm
  readonly kind: KindName
  readonly keyId: string
  /** The bytes that were signed as the payload. */
  readonly payload: Buffer
}

/** Longest statement that is read at all, in characters. */
const MAX_STATEMENT_LENGTH = 65_536

/** `restart-update` → `restart-update+jwt`: explicit typing, so that no kind can pass for another (RFC 8725 §3.11). */
export const typOf = (kind: KindName): string => `${kind}${TYP_SUFFIX}`

const TYP_SUFFIX = '+jwt'
const FORM = 'one statement, one signature, compact form'

/** Throws `StatementRefusal` MALFORMED or UNKNOWN_KIND. */
export function parseCompactForm(token: string): CompactForm {
  if (token.length > MAX_STATEMENT_LENGTH)
    throw malformed(`it has ${token.length} characters; at most ${MAX_STATEMENT_LENGTH} are read`)
  if (/^\s*[{[]/.test(token)) throw malformed(`it is JSON; must be ${FORM} (RFC 7515 §7.1)`)
  const parts = token.split('.')
  const [header = '', payload = '', signature = ''] = parts
  if (parts.length !== 3)
    throw malformed(
      `it has ${parts.length} part${parts.length === 1 ? '' : 's'}; must be ${FORM}: header.payload.signature`,
    )
  const { alg, typ, kid } = parseHeader(bytesOf('header', header))
  if (signature === '') throw malformed('it is not signed')
  bytesOf('signature', signature)
  return { algorithm: alg, kind: kindOf(typ), keyId: kid, payload: bytesOf('payload', payload) }
}

function bytesOf(name: string, part: string): Buffer {
  const bytes = canonicalBytes(part)
  if (bytes === null) throw malformed(`its ${name} is not base64url without padding (RFC 7515 §2)`)
  return bytes
}

const MEMBERS = ['alg', 'typ', 'kid']
const headerSchema = z.object({ alg: z.enum(STATEMENT_ALGORITHMS), typ: z.string(), kid: z.string() })

function parseHeader(bytes: Buffer): z.output<typeof headerSchema> {
  const header = parseHeaderText(bytes)
  const names = Object.keys(header)
  if (names.length !== MEMBERS.length || !MEMBERS.every(name => names.includes(name)))
    throw malformed(`its header has ${quoted(names)}; must have exactly ${MEMBERS.join(', ')}`)
  const { success, data } = headerSchema.safeParse(header)
  if (success) return data
  const { alg, typ, kid } = header
  throw malformed(
    `its header has alg ${quoted(alg)}, typ ${quoted(typ)}, kid ${quoted(kid)}; ` +
      `must be an alg of ${STATEMENT_ALGORITHMS.join(', ')}, and a typ and a kid in text`,
  )
}

function parseHeaderText(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const header = parseUniqueJson(bytes.toString('utf8'))
    if (header !== null && typeof header === 'object' && !Array.isArray(header)) return { ...header }
  } catch (cause) {
    throw malformed(`its header ${(cause as SyntaxError).message}`, cause)
  }
  throw malformed('its header is not a JSON object')
}

function kindOf(typ: string): KindName {
  const kind = typ.endsWith(TYP_SUFFIX) ? findKind(typ.slice(0, -TYP_SUFFIX.length)) : undefined
  if (kind !== undefined) return kind.kind
  const known = STATEMENT_KINDS.map(({ kind }) => typOf(kind)).join(', ')
  throw new StatementRefusal('UNKNOWN_KIND', `typ is ${quoted(typ)}; must be one of ${known}`)
}

function malformed(problem: string, cause?: unknown): StatementRefusal {
  return new StatementRefusal('MALFORMED', `this is no statement: ${problem}`, { cause })
}
