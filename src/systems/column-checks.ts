/**
 * What a value looks like that a column takes exactly as it is. A value that passes is accepted by the column's schema and
 * left unchanged by it; one that does not may be acceptable all the same, and the schema says so. Nearly every value of a
 * healthy system passes, which is what makes the border cheap. Called by `columns.ts`; a test holds both to each other.
 */
export type PlainCheck = (value: unknown) => boolean

export const isPlainText =
  (min: number, max: number): PlainCheck =>
  value =>
    typeof value === 'string' && value.length >= min && value.length <= max

export const isPlainPattern =
  (max: number, form: RegExp): PlainCheck =>
  value =>
    typeof value === 'string' && value.length <= max && form.test(value)

export function isPlainCode(codes: readonly string[]): PlainCheck {
  const known = new Set<unknown>(codes)
  return value => known.has(value)
}

const MAX_INT32 = 2 ** 31 - 1

export const isPlainInteger: PlainCheck = value =>
  typeof value === 'number' && Number.isInteger(value) && value >= -MAX_INT32 && value <= MAX_INT32

export const isPlainBoolean: PlainCheck = value => typeof value === 'boolean'

/** Of full scale and without padding; zero has no sign. */
export function isPlainDecimal(precision: number, scale: number): PlainCheck {
  const whole = precision > scale ? `(?:0|[1-9]\\d{0,${precision - scale - 1}})` : '0'
  const form = new RegExp(`^(?:-(?=.*[1-9]))?${whole}${scale > 0 ? `\\.\\d{${scale}}` : ''}$`)
  return value => typeof value === 'string' && form.test(value)
}

/** Every day but 29 February, which is left to the calendar. */
const DAY =
  '(?!0000)\\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)'
const DATE = new RegExp(`^${DAY}$`)
const TIMESTAMP = new RegExp(`^${DAY}T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z$`)

export const isPlainDate: PlainCheck = value => typeof value === 'string' && DATE.test(value)
export const isPlainTimestamp: PlainCheck = value => typeof value === 'string' && TIMESTAMP.test(value)

/** What is copied on its way in is never taken as it is. */
export const isNeverPlain: PlainCheck = () => false
