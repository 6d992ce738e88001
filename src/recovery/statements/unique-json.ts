/** Braces and brackets, and strings with the colon that makes them names. Linear: nothing in it can match in two ways. */
const MARK = /[{}[\]]|"([^"\\]*(?:\\.[^"\\]*)*)"([ \t\r\n]*:)?/g

/**
 * Parses JSON in which every object has each name once: RFC 7515 §4 demands it of a header and RFC 7519 §4 allows it of
 * claims. Of two members with one name `JSON.parse` keeps the last, and other readers the first. Called for what was
 * signed. No object has a
 * `__proto__`. Throws `SyntaxError`, with a message that quotes nothing but a name.
 */
export function parseUniqueJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new SyntaxError('is not JSON')
  }
  // The text is well formed from here on.
  const open: Set<string>[] = []
  for (const [mark, inside = '', colon] of text.matchAll(MARK)) {
    if (mark === '{' || mark === '[') open.push(new Set())
    else if (mark === '}' || mark === ']') open.pop()
    else if (colon !== undefined) {
      const name: string = JSON.parse(`"${inside}"`)
      // Validators pass over it where any name may stand, and objects take it for their prototype.
      if (name === '__proto__') throw new SyntaxError('has a member "__proto__"')
      if (open.at(-1)?.has(name)) throw new SyntaxError(`has the member ${JSON.stringify(name.slice(0, 80))} twice`)
      open.at(-1)?.add(name)
    }
  }
  return value
}
