import { createHash } from 'node:crypto'

/**
 * The one key function of every cache. Pure and total: any values give a key, equal values give equal keys,
 * and no choice of one part can imitate another, because each part is length-prefixed before it is hashed.
 */
export function keyOf(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  // As code units: in UTF-8 all lone surrogates would be the same character.
  for (const part of parts) hash.update(`${part.length}:`).update(part, 'utf16le')
  return hash.digest('base64url')
}

/**
 * JSON with object keys in code-unit order, so that equal values give equal text whatever order they were written in.
 * For JSON-safe values; what else JSON cannot say (undefined, functions, symbols) is written as null, bigints with an n.
 */
export function canonicalJson(value: unknown): string {
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
