import { createHash } from 'node:crypto'

/**
 * The one key function of every cache. Pure and total: any values give a key, equal values give equal keys,
 * and no choice of one part can imitate another, because each part is length-prefixed before it is hashed.
 */
export function keyOf(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest('base64url')
}

/**
 * JSON with object keys in code-unit order, so that equal values give equal text whatever order they were written in.
 * Total: what JSON cannot say (undefined, functions, symbols) is written as null, bigints as tagged text.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'bigint') return `{"$bigint":"${value}"}`
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
    return `{${members.join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}
