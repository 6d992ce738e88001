/**
 * Where a text stops being JSON (RFC 8259). `JSON.parse` says so only by quoting the text, and what a client sent is
 * echoed to nobody. Called by the body parser after a failure; linear in the text, and without recursion.
 */

/** Punctuation, a number or another literal. */
const TOKEN = /([{}[\],:])|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
/**
 * Within a string: characters from the space on but `"` and `\\`, or an escape. Matched part by part, and no part without
 * a bound: the engine keeps a place to go back to for each character, and a long string would overflow its stack.
 */
const STRING_PART = /[ !#-[\]-\uffff]{1,4096}|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const SPACE = /[ \t\n\r]*/y

/** What may come next. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'more'

/** Offset of the first character, in UTF-16 units, that cannot stand where it does; null: the text is JSON. */
export function jsonFaultAt(text: string): number | null {
  const open: ('}' | ']')[] = []
  let expected: Expected = 'value'
  let offset = skipSpace(text, 0)

  while (expected !== 'more' || open.length > 0) {
    const token = text[offset] === '"' ? stringAt(text, offset) : tokenAt(text, offset)
    const next: Expected | null = token && step(expected, token.kind, open)
    if (token === null || next === null) return offset
    expected = next
    offset = skipSpace(text, token.end)
  }
  return offset === text.length ? null : offset
}

interface Token {
  readonly kind: string
  /** Offset of what follows it. */
  readonly end: number
}

function tokenAt(text: string, offset: number): Token | null {
  TOKEN.lastIndex = offset
  const token = TOKEN.exec(text)
  return token && { kind: token[1] ?? 'literal', end: TOKEN.lastIndex }
}

function stringAt(text: string, offset: number): Token | null {
  let end = offset + 1
  for (STRING_PART.lastIndex = end; STRING_PART.test(text); ) end = STRING_PART.lastIndex
  return text[end] === '"' ? { kind: 'string', end: end + 1 } : null
}

function step(expected: Expected, kind: string, open: ('}' | ']')[]): Expected | null {
  switch (expected) {
    case 'value':
    case 'value or ]':
      if (kind === '{') return enter(open, '}')
      if (kind === '[') return enter(open, ']')
      if (kind === ']' && expected === 'value or ]') return leave(open)
      return kind === 'string' || kind === 'literal' ? 'more' : null
    case 'key':
    case 'key or }':
      if (kind === '}' && expected === 'key or }') return leave(open)
      return kind === 'string' ? 'colon' : null
    case 'colon':
      return kind === ':' ? 'value' : null
    case 'more':
      if (kind === open.at(-1)) return leave(open)
      if (kind !== ',') return null
      return open.at(-1) === '}' ? 'key' : 'value'
    default:
      return expected satisfies never
  }
}

function enter(open: ('}' | ']')[], closer: '}' | ']'): Expected {
  open.push(closer)
  return closer === '}' ? 'key or }' : 'value or ]'
}

function leave(open: ('}' | ']')[]): Expected {
  open.pop()
  return 'more'
}

function skipSpace(text: string, from: number): number {
  SPACE.lastIndex = from
  SPACE.exec(text)
  return SPACE.lastIndex
}
