import { ConfigError, parseOperatorFile } from '../../model/operator-file.ts'
import { ENVELOPE_CLAIMS, type Envelope, envelopeSchema } from './envelope.ts'
import { excerpt, StatementRefusal } from './refusal.ts'
import { type ClaimsInputOf, type ClaimsOf, type KindName, kindNamed } from './statement-kinds.ts'
import { parseUniqueJson } from './unique-json.ts'

/** Claims become types here, or one error that names each by its path. Called before signing and after a signature holds. */

export interface Payload<K extends KindName> {
  readonly envelope: Envelope
  readonly claims: ClaimsOf<K>
}

/** Parses the payload of a statement whose signature holds. Throws `StatementRefusal` INVALID_CLAIMS. */
export function parsePayload<K extends KindName>(kind: K, bytes: Uint8Array): Payload<K> {
  const payload = parseObject(bytes)
  const split = Object.groupBy(Object.entries(payload), ([name]) => (ENVELOPE_CLAIMS.includes(name) ? 'ours' : 'own'))
  const problems: string[] = []
  const envelope = collect(problems, () => parseEnvelope(Object.fromEntries(split.ours ?? []), kind))
  const claims = collect(problems, () => parseOwn(kind, Object.fromEntries(split.own ?? []), kind))
  if (envelope === undefined || claims === undefined) throw invalidClaims(problems)
  return { envelope, claims }
}

/** Checks the claims of a kind as they are written before signing, its envelope left out. Throws `ConfigError`. */
export function parseClaims<K extends KindName>(kind: K, value: unknown, source: string): ClaimsInputOf<K> {
  parseOwn(kind, value, source)
  // Signed as it was written: defaults are filled in by whoever reads it.
  return value as ClaimsInputOf<K>
}

/** Throws `ConfigError`. */
export function parseEnvelope(value: unknown, source: string): Envelope {
  return parseOperatorFile(envelopeSchema, { source, value, member: 'claim' })
}

/** What has happened cannot be later than its statement. Throws `StatementRefusal` INVALID_CLAIMS. */
export function refuseFuture(kind: KindName, claims: object, latestMs: number): void {
  const late = timesOf(claims, '').filter(({ name, time }) => PAST.has(name) && Date.parse(time) > latestMs)
  if (late.length === 0) return
  const latest = new Date(latestMs).toISOString()
  throw invalidClaims(late.map(({ path, time }) => `${kind}: ${path}: is ${time}; must not be later than ${latest}`))
}

/** Claims that tell of what has happened. */
const PAST = new Set([
  'at',
  'attested_at',
  'closed_at',
  'completed_at',
  'disrupted_at',
  'distrust_since',
  'earliest_at',
  'earliest_intrusion_at',
  'end_of_recovery_declared_at',
  'found_at',
  'indicators_dated_at',
  'measured_at',
  'occurred_at',
  'oldest',
  'published_at',
  'reconciled_through',
  'recovery_point',
  'scanned_at',
  'taken_at',
])

interface NamedTime {
  readonly name: string
  readonly path: string
  readonly time: string
}

/** Every time in parsed claims: such text is RFC 3339 in UTC to the millisecond. */
function timesOf(claims: object, path: string): readonly NamedTime[] {
  return Object.entries(claims).flatMap(([name, value]) => {
    const place = Array.isArray(claims) ? `${path}[${name}]` : `${path}${path && '.'}${name}`
    if (value !== null && typeof value === 'object') return timesOf(value, place)
    return typeof value === 'string' && INSTANT.test(value) ? [{ name, path: place, time: value }] : []
  })
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

function parseOwn<K extends KindName>(kind: K, value: unknown, source: string): ClaimsOf<K> {
  return parseOperatorFile(kindNamed(kind).claims, { source, value, member: 'claim' }) as ClaimsOf<K>
}

function parseObject(bytes: Uint8Array): object {
  let payload: unknown
  try {
    payload = parseUniqueJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw invalidClaims([cause instanceof SyntaxError ? `the payload ${cause.message}` : 'the payload is not UTF-8'])
  }
  if (payload === null || typeof payload !== 'object' || Array.isArray(payload))
    throw invalidClaims(['the payload is not a JSON object'])
  return payload
}

function collect<T>(problems: string[], parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

/** Most lines of one refusal, and most characters of a line. */
const MAX_LINES = 10
const MAX_LINE_LENGTH = 400

function invalidClaims(problems: readonly string[]): StatementRefusal {
  const shown = problems.slice(0, problems.length > MAX_LINES ? MAX_LINES - 1 : MAX_LINES)
  const lines = shown.map(line => excerpt(line, MAX_LINE_LENGTH))
  if (shown.length < problems.length) lines.push(`and ${problems.length - shown.length} more`)
  return new StatementRefusal('INVALID_CLAIMS', lines.join('\n'))
}
