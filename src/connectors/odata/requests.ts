import type { Version } from './edm.ts'
import { all, type Expression, expressionText } from './expression.ts'

/** The paths of requests, everything in them percent-encoded and none longer than it may be. Called by the readings. */
export interface Query {
  readonly select: readonly string[]
  /** In the words of `$filter`, from the configuration; null: none. */
  readonly where: string | null
  readonly filter: Expression
  readonly order: string
  /** Null: all. */
  readonly top: number | null
}

/** Null: no row can pass the filter. */
export function pathOf(version: Version, entitySet: string, query: Query): string | null {
  const filter = all([query.where === null ? true : `(${query.where})`, query.filter])
  if (filter === false) return null
  const options = [
    ['$select', query.select.join(',')],
    ['$filter', filter === true ? '' : expressionText(filter)],
    ['$orderby', query.order],
    ['$top', query.top === null ? '' : String(query.top)],
    ['$format', version === 'V2' ? 'json' : ''],
  ] as const
  const used = options.filter(([, value]) => value !== '')
  return `${entitySet}?${used.map(([name, value]) => `${name}=${encoded(value)}`).join('&')}`
}

/** Percent-encoded for a query, its quotes too: a URL on the wire has none, and counts their three characters. */
export function encoded(value: string): string {
  return encodeURIComponent(value)
    .replaceAll("'", '%27')
    .replace(/%(2C|24|2F|3A)/g, code => decodeURIComponent(code))
}

/** ` or ` and two parentheses. */
const JOINED = encoded(' or ').length + 2

/** The place that a condition takes among others that are joined by `or`. */
export function lengthOf(condition: Expression): number {
  if (typeof condition === 'boolean') throw new TypeError('a condition that always holds, or never, is not asked')
  return encoded(expressionText(condition)).length + JOINED
}

/** Conditions that are joined by `or`, as many at a time as have room. Throws `Error` where one alone has none. */
export function chunksOf(conditions: readonly Expression[], room: number): readonly (readonly Expression[])[] {
  const chunks: Expression[][] = []
  let left = 0
  for (const condition of conditions) {
    const length = lengthOf(condition)
    if (length > room) throw new Error('a key does not fit in a URL of maxUrlLength')
    if (length > left) {
      chunks.push([])
      left = room
    }
    chunks.at(-1)?.push(condition)
    left -= length
  }
  return chunks
}
