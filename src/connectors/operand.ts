import type { Column } from '../systems/columns.ts'
import type { Value } from '../systems/relation.ts'

/**
 * A value as it may be compared with a column. Every connector takes its values through here, so that all of them
 * agree on what matches: a value that no row of the column can hold matches no row, whatever the comparison, and
 * none of it reaches a source that would call it an error.
 */
export type Operand = string | number | boolean

const DATE = /^\d{4}-\d\d-\d\d$/
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i
/** Long enough for any amount, short enough to be compared quickly. */
const DECIMAL = /^-?\d{1,60}(\.\d{1,60})?$/
const MAX_INTEGER = 2 ** 31 - 1

/**
 * The operand for a value, times in UTC with milliseconds; null where no row can match it. For a column of texts the
 * value is one of its texts. Throws `TypeError` where the value is no JSON value at all, a mistake of the caller.
 */
export function operandOf(column: Column, value: Value): Operand | null {
  if (value === null || Array.isArray(value)) return null
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw new TypeError(`a ${typeof value} cannot be compared with a column`)
  switch (column.kind) {
    case 'text':
      return isText(value) && (column.sqlType.startsWith('char(') ? column.schema.safeParse(value).success : true)
        ? value
        : null
    case 'texts':
      return isText(value) ? value : null
    case 'integer':
      return Number.isInteger(value) && Math.abs(Number(value)) <= MAX_INTEGER ? value : null
    case 'decimal':
      return typeof value !== 'boolean' && DECIMAL.test(String(value)) ? String(value) : null
    case 'date':
      return typeof value === 'string' && DATE.test(value) ? validDate(value) : null
    case 'timestamp':
      return typeof value === 'string' && TIMESTAMP.test(value) ? instant(value) : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    default:
      return column.kind satisfies never
  }
}

/** NUL cannot stand in PostgreSQL's text, and a lone surrogate would arrive there as another character. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0')
}

/** Refuses 30 February, which `Date` would move to March, and the year 0, which SQL does not have. */
function validDate(value: string): string | null {
  return instant(`${value}T00:00:00Z`)?.startsWith(value) ? value : null
}

function instant(value: string): string | null {
  const time = new Date(value)
  const year = time.getUTCFullYear()
  return year >= 1 && year <= 9999 ? time.toISOString() : null
}
