import { isNativeError } from 'node:util/types'
import { scrubText } from './scrub-text.ts'

/**
 * Makes any value safe to log: a JSON-safe copy without secrets, bounded in depth, breadth and size. Called by the log
 * on everything. Pure and total: it never changes its input and never throws, whatever the input's getters do.
 */

const MAX_DEPTH = 8
const MAX_MEMBERS = 100
const MAX_NODES = 2_000
const REDACTED = '[redacted]'

/** Names of members that hold a secret whatever it looks like, in lower case without `-` and `_`. */
const SECRET_NAME =
  /^(proxy)?authorization$|^dpop$|cookies?$|^pass$|pwd$|passw(or)?d|passphrase|secret|token$|privatekey|connectionstring|apikey|credential/

/** The private members of a JSON Web Key (RFC 7518, §6). */
const PRIVATE_KEY_MEMBERS: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])

interface Walk {
  readonly depth: number
  readonly above: readonly object[]
  readonly budget: { nodes: number }
}

export function scrub(value: unknown): unknown {
  return copy(value, { depth: 0, above: [], budget: { nodes: MAX_NODES } })
}

function copy(value: unknown, walk: Walk): unknown {
  if (--walk.budget.nodes < 0) return '[too much]'
  switch (typeof value) {
    case 'string':
      return scrubText(value)
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'bigint':
      return scrubText(String(value))
    case 'symbol':
    case 'function':
      return `[${typeof value}]`
    case 'object':
      return value === null ? null : copyObject(value, walk)
    default:
      return value
  }
}

function copyObject(value: object, { depth, above, budget }: Walk): unknown {
  if (above.includes(value)) return '[circular]'
  if (depth >= MAX_DEPTH) return '[deep]'
  const walk: Walk = { depth: depth + 1, above: [...above, value], budget }
  try {
    if (isNativeError(value) || value instanceof Error) return copyError(value, walk)
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[no date]' : value.toISOString()
    if (value instanceof URL || value instanceof String) return scrubText(String(value))
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
    if (value instanceof Map) return copyMembers([...value], walk)
    if (Array.isArray(value) || value instanceof Set) return copyList(value, walk)
    return copyMembers(Object.entries(value), walk)
  } catch {
    return '[unreadable]'
  }
}

function copyList(values: Iterable<unknown>, walk: Walk): readonly unknown[] {
  const list: unknown[] = []
  for (const value of values) {
    if (list.length === MAX_MEMBERS) return [...list, '[more]']
    list.push(copy(value, walk))
  }
  return list
}

function copyMembers(members: readonly (readonly [unknown, unknown])[], walk: Walk): Readonly<Record<string, unknown>> {
  const isKey = members.some(([name]) => name === 'kty')
  const copies = members.slice(0, MAX_MEMBERS).map(([key, value]): [string, unknown] => {
    const name = typeof key === 'string' ? key : `[${typeof key}]`
    const secret = isSecretName(name) || (isKey && PRIVATE_KEY_MEMBERS.has(name))
    return [scrubText(name), secret ? REDACTED : copy(value, walk)]
  })
  return Object.fromEntries(members.length > MAX_MEMBERS ? [...copies, ['[more]', true]] : copies)
}

/** An error's own words and chain; not its other members, in which libraries keep requests, claims and parameters. */
function copyError(error: Error, walk: Walk): Readonly<Record<string, unknown>> {
  const { name, message, stack, cause } = error
  const code: unknown = 'code' in error ? error.code : undefined
  const errors: unknown = error instanceof AggregateError ? error.errors : undefined
  const facts = { type: name, code, message, stack, cause, errors }
  return Object.fromEntries(
    Object.entries(facts)
      .filter(([, fact]) => fact !== undefined)
      .map(([fact, value]) => [fact, copy(value, walk)]),
  )
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name.slice(0, 200).toLowerCase().replace(/[-_]/g, ''))
}
