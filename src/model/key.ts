import { hash } from 'node:crypto'

/**
 * The one key function of every cache. Pure and total: any values give a key, equal values give equal keys,
 * and no choice of one part can imitate another, because each part is length-prefixed before it is hashed.
 */
export function keyOf(...parts: readonly string[]): string {
  let text = ''
  for (const part of parts) text += `${part.length}:${part}`
  // Ill-formed text as code units: in UTF-8 all lone surrogates would be the same character. Neither encoding gives the
  // bytes of the other: after the first digit comes a zero byte in UTF-16, and another digit or the colon in UTF-8.
  return hash('sha256', text.isWellFormed() ? text : Buffer.from(text, 'utf16le'), 'base64url')
}

/**
 * One text for a few values, different for different ones and cheap to make: what maps of rows go by within one reading.
 * Not for caches, which hold keys of bounded length.
 */
export function tupleOf(values: readonly unknown[]): string {
  let text = ''
  // A text has its length and a quotation mark before it; what else there is ends with a semicolon.
  for (const value of values)
    text += typeof value === 'string' ? `${value.length}"${value}` : `${canonicalJson(value)};`
  return text
}

/**
 * JSON with object keys in code-unit order, so that equal values give equal text whatever order they were written in.
 * For JSON-safe values; what else JSON cannot say (undefined, functions, symbols) is written as null, bigints with an n.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'bigint') return `${value}n`
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
    return `{${members.join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}
