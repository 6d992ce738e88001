/**
 * Whether the JSON text of a value has more characters than that, without writing it: no more of the value is looked at
 * than makes so many. Counts what the text has at least, so one that is a little longer may pass. Pure.
 */
export function isLongerThan(value: unknown, characters: number): boolean {
  return remainder(value, characters) < 0
}

const QUOTES = 2
const BRACKETS = 2
const COLON = 1

/** What is left of so many characters; less than nothing, as soon as that is known. */
function remainder(value: unknown, left: number): number {
  if (typeof value === 'string') return left - value.length - QUOTES
  if (typeof value !== 'object' || value === null) return left - 1
  let rest = left - BRACKETS
  if (Array.isArray(value)) {
    for (const member of value) {
      if (rest < 0) return rest
      rest = remainder(member, rest)
    }
    return rest
  }
  for (const name in value) {
    if (rest < 0) return rest
    const member = (value as Readonly<Record<string, unknown>>)[name]
    if (member !== undefined) rest = remainder(member, rest - name.length - QUOTES - COLON)
  }
  return rest
}
