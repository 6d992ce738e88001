/**
 * Where a text stops being JSON (RFC 8259). `JSON.parse` says so only by quoting the text, and what a client sent is
 * echoed to nobody. Called by the body parser after a failure; linear in the text, and without recursion.
 */

/** Punctuation, a string (of any character from the space on, but `"` and `\`, and of escapes), or a literal. */
const TOKEN =
  /([{}[\],:])|("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const SPACE = /[ \t\n\r]*/y

/** What may come next. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'more'

/** Offset of the first character, in UTF-16 units, that cannot stand where it does; null: the text is JSON. */
export function jsonFaultAt(text: string): number | null {
  const open: ('}' | ']')[] = []
  let expected: Expected = 'value'
  let offset = skipSpace(text, 0)

  while (expected !== 'more' || open.length > 0) {
    TOKEN.lastIndex = offset
    const token = TOKEN.exec(text)
    if (token === null) return offset
    const kind = token[1] ?? (token[2] === undefined ? 'literal' : 'string')
    const next = step(expected, kind, open)
    if (next === null) return offset
    expected = next
    offset = skipSpace(text, TOKEN.lastIndex)
  }
  return offset === text.length ? null : offset
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
