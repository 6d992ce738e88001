import type { Column } from '../../systems/columns.ts'

/**
 * The Entity Data Model's primitive types, as far as columns can be made of them. Called by the mapping, the literals
 * and the inspection. A value read from the wire becomes a `Cell` of its type, the same in V2 and V4.
 */
export type Version = 'V2' | 'V4'

export interface Property {
  readonly name: string
  /** Such as `Edm.String`. */
  readonly type: string
  readonly maxLength: number | null
  readonly precision: number | null
  readonly scale: number | null
}

/** Text, decimal and integer as text, `yyyy-mm-dd`, RFC 3339 in UTC, true or false; what is none of it stays as it came. */
export type Cell = string | boolean | null

const WHOLE = ['Edm.Byte', 'Edm.SByte', 'Edm.Int16', 'Edm.Int32', 'Edm.Int64']
const TIMES = ['Edm.DateTime', 'Edm.DateTimeOffset']
const TYPES: Readonly<Record<Column['kind'], readonly string[]>> = {
  text: ['Edm.String', 'Edm.Guid'],
  integer: [...WHOLE, 'Edm.Decimal'],
  decimal: ['Edm.Decimal', ...WHOLE],
  date: ['Edm.Date', ...TIMES],
  timestamp: TIMES,
  boolean: ['Edm.Boolean'],
  texts: [],
}

/** A column of texts is a list, which no property is. */
export function isTypeOf(column: Column, { type }: Property): boolean {
  return TYPES[column.kind].includes(type)
}

export function isWhole(type: string): boolean {
  return WHOLE.includes(type)
}

/** A time of day stands in it, be it always midnight. */
export function isTimed({ type }: Property): boolean {
  return TIMES.includes(type)
}

/** How values of a property compare, so far as that is the same everywhere: numbers by value, the rest as text. */
export function isNumeric({ type }: Property): boolean {
  return TYPES.decimal.includes(type)
}

/** A property's type in the words of `sqlType`, then in its own. */
export function typeText({ name, type, maxLength, precision, scale }: Property): string {
  return `${sqlText()} (${name}: ${type})`

  function sqlText(): string {
    switch (type) {
      case 'Edm.String':
        return maxLength === null ? 'text' : `varchar(${maxLength})`
      case 'Edm.Decimal':
        return precision === null ? 'numeric' : `numeric(${precision},${scale ?? 0})`
      case 'Edm.Date':
        return 'date'
      case 'Edm.DateTime':
        return 'timestamp'
      case 'Edm.DateTimeOffset':
        return 'timestamptz'
      case 'Edm.Boolean':
        return 'boolean'
      case 'Edm.Guid':
        return 'uuid'
      default:
        return isWhole(type) ? 'integer' : type
    }
  }
}

/** What a field most likely is, for explaining a read before the service was ever asked. */
export function likelyProperty(name: string, column: Column | null, version: Version): Property {
  const types: Readonly<Record<Column['kind'], string>> = {
    text: 'Edm.String',
    texts: 'Edm.String',
    integer: 'Edm.Int32',
    decimal: 'Edm.Decimal',
    date: version === 'V2' ? 'Edm.DateTime' : 'Edm.Date',
    timestamp: 'Edm.DateTimeOffset',
    boolean: 'Edm.Boolean',
  }
  return { name, type: types[column?.kind ?? 'text'], maxLength: null, precision: null, scale: null }
}

const V2_TIME = /^\/Date\((-?\d{1,15})(?:[+-]\d{1,4})?\)\/$/
/** What ABAP's initial date becomes in V2. */
const NO_TIME = Date.parse('0001-01-01T00:00:00Z')
/** ABAP's initial date where it arrives as it is. */
const NO_DATE = /^0000-00-00/

/** A value of a primitive property as it came in JSON; numbers arrive as their own text, so that none loses a digit. */
export type WireValue = string | boolean | null | undefined

/** An object or a list is no value of a property, and half a surrogate pair is no text. */
export function isWireValue(raw: unknown): raw is WireValue {
  return typeof raw === 'string' ? raw.isWellFormed() : raw === null || raw === undefined || typeof raw === 'boolean'
}

/**
 * The cell of a value. In V2 `/Date(ms)/` counts
 * from 1970 in UTC, whatever offset stands behind it, and Edm.DateTime, which has no zone, is read as UTC.
 */
export function cellOf({ type }: Property, raw: WireValue): Cell {
  if (raw === null || raw === undefined) return null
  if (typeof raw === 'boolean') return raw
  if (type === 'Edm.Date') return NO_DATE.test(raw) ? null : raw
  return TIMES.includes(type) ? timeOf(raw) : raw
}

function timeOf(raw: string): Cell {
  if (NO_DATE.test(raw)) return null
  const ticks = V2_TIME.exec(raw)?.[1]
  if (ticks === undefined) return raw
  const time = new Date(Number(ticks))
  return Number.isNaN(time.getTime()) ? raw : time.getTime() <= NO_TIME ? null : time.toISOString()
}

/** A day where it comes as a time. Another time of day is not cut off: rows would then be compared by what they do not hold. */
const MIDNIGHT = /^(\d{4}-\d\d-\d\d)T00:00(?::00(?:\.0+)?)?Z?$/

/** What a column gives of a cell. SAP has no nulls: empty text is null, where it is not a code that means something. */
export function columnValue(column: Column, cell: Cell): unknown {
  if (cell === null || cell === '') return null
  if (typeof cell === 'boolean') return cell
  switch (column.kind) {
    case 'integer':
      return /^-?\d{1,15}$/.test(cell) ? Number(cell) : cell
    case 'date':
      return MIDNIGHT.exec(cell)?.[1] ?? cell
    case 'timestamp':
      return instantOf(cell)
    case 'text':
    case 'texts':
    case 'decimal':
    case 'boolean':
      return cell
    default:
      return column.kind satisfies never
  }
}

const MILLISECONDS = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3}0*)?)?)(Z|[+-]\d\d:\d\d)$/

/** In UTC with milliseconds; finer times stay as they are, for the border or the page to refuse. */
function instantOf(text: string): string {
  if (!MILLISECONDS.test(text)) return text
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? text : time.toISOString()
}
