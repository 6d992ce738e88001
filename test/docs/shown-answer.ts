/**
 * Holds an answer to the one that a page shows. Times, identifiers and what is left of a budget differ from run to run; an
 * ellipsis stands for whatever is there; everything else is as it is shown.
 */

const ELLIPSIS = '…'

const PASSING: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<instant>'],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\dZ/g, '<instant>'],
  [/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g, '<id>'],
  [/\b[\da-f]{64}\b/g, '<digest>'],
  [/;r=\d+;t=\d+/g, ';r=<number>;t=<number>'],
]
/** Numbers that count down while the pages are run. */
const COUNTING: ReadonlySet<string> = new Set(['costRemaining', 'retryAfterSeconds'])

function withoutPassing(text: string): string {
  return PASSING.reduce((rest, [pattern, name]) => rest.replaceAll(pattern, name), text)
}

/** Where the text that came is not what is shown; null: it is. What is shown may be a part of it. */
export function textFault(shown: string, came: string): string | null {
  const flat = (text: string) => withoutPassing(text).replaceAll(/\s+/g, ' ').trim()
  const actual = flat(came)
  let from = 0
  for (const piece of shown.split(ELLIPSIS).map(flat)) {
    const at = actual.indexOf(piece, from)
    if (at < 0) return `does not show: ${piece}`
    from = at + piece.length
  }
  return null
}

/** The same for JSON. What is shown may be the whole answer, or one value in it. */
export function jsonFault(shown: unknown, came: unknown): string | null {
  const fault = valueFault(shown, came, '')
  return fault === null || valuesIn(came).some(value => valueFault(shown, value, '') === null) ? null : fault
}

function valuesIn(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(inner => [inner, ...valuesIn(inner)])
}

function valueFault(shown: unknown, came: unknown, path: string): string | null {
  if (shown === ELLIPSIS) return null
  if (Array.isArray(shown)) return Array.isArray(came) ? listFault(shown, came, path) : faultAt(path, shown, came)
  if (typeof shown === 'object' && shown !== null) {
    if (typeof came !== 'object' || came === null || Array.isArray(came)) return faultAt(path, shown, came)
    return membersFault(shown, came, path)
  }
  const isSame =
    typeof shown === 'string' && typeof came === 'string'
      ? withoutPassing(shown) === withoutPassing(came)
      : shown === came || (typeof came === 'number' && COUNTING.has(path.split('.').at(-1) ?? ''))
  return isSame ? null : faultAt(path, shown, came)
}

function listFault(shown: readonly unknown[], came: readonly unknown[], path: string): string | null {
  const isCut = shown.at(-1) === ELLIPSIS
  const expected = isCut ? shown.slice(0, -1) : shown
  if (isCut ? came.length < expected.length : came.length !== expected.length)
    return `${path}: has ${came.length} entries`
  return firstOf(expected.map((value, index) => valueFault(value, came[index], `${path}.${index}`)))
}

function membersFault(shown: object, came: object, path: string): string | null {
  const { [ELLIPSIS]: isCut, ...expected } = shown as Record<string, unknown>
  const actual = came as Record<string, unknown>
  const others = Object.keys(actual).filter(name => !Object.hasOwn(expected, name))
  if (isCut === undefined && others.length > 0) return `${path}: has ${others} as well`
  return firstOf(Object.entries(expected).map(([name, value]) => valueFault(value, actual[name], `${path}.${name}`)))
}

function firstOf(faults: readonly (string | null)[]): string | null {
  return faults.find(fault => fault !== null) ?? null
}

function faultAt(path: string, shown: unknown, came: unknown): string {
  return `${path}: is ${JSON.stringify(came)}, and not ${JSON.stringify(shown)}`
}
