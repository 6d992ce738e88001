import type { Column } from '../../systems/columns.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { accessColumns, columnName, type Row, type Value } from '../../systems/relation.ts'
import type { Operand } from '../operand.ts'

/**
 * How a relation lies in SQLite: a table with each column in a form that SQLite compares exactly as `../ordering.ts`
 * does, and the whole row as JSON beside them. Called by who writes the table and by who words statements; opens none.
 */
export type Stored = string | number | bigint | null

export interface Index {
  readonly name: string
  /** Properties, in order. */
  readonly columns: readonly string[]
  readonly isUnique: boolean
}

/** Holds the line of the file that the row came from. No column's name begins like these two. */
export const LINE = '_line'
/** Holds the values of the row as a JSON array, in the order of the relation's columns. */
export const ROW = '_row'

/** Bits enough for every decimal that is stored, with room on either side for operands that none equals. */
const MOST = 2n ** 62n
const MOST_DIGITS = 18

/** Of relations' and columns' own names, which are words of lower case letters, digits and underscores. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Quoted names of columns. */
export function columnList(properties: readonly string[], prefix = ''): string[] {
  return properties.map(property => `${prefix}${quoted(columnName(property))}`)
}

/** Text is UTF-8 and compared by its bytes, which is by code point; everything else is a 64-bit integer or text. */
export function storedType(column: Column): 'TEXT' | 'INTEGER' {
  return ['integer', 'decimal', 'boolean'].includes(column.kind) ? 'INTEGER' : 'TEXT'
}

/**
 * A decimal is twice its value in units of its last digit; an operand with more digits than the column lies, odd, between
 * two of them. So one comparison of integers is exact for all operands. Throws `TypeError` where 64 bits are too few.
 */
export function storedOperand(column: Column, operand: Operand): string | number | bigint {
  if (column.kind === 'decimal') return twiceScaled(String(operand), scaleOf(column))
  return typeof operand === 'boolean' ? Number(operand) : operand
}

export function storedValue(column: Column, value: Value): Stored {
  if (value === null) return null
  return typeof value === 'object' ? JSON.stringify(value) : storedOperand(column, value)
}

export function rowText(relation: AnyRelation, row: Row): string {
  return JSON.stringify(Object.keys(relation.columns).map(name => row[name] ?? null))
}

export function tableStatement({ name, columns }: AnyRelation): string {
  const described = Object.entries(columns).map(([property, column]) => {
    return `${columnList([property])} ${storedType(column)}${column.optional ? '' : ' NOT NULL'}`
  })
  return `CREATE TABLE ${quoted(name)} (${described.join(', ')}, ${LINE} INTEGER NOT NULL, ${ROW} TEXT NOT NULL) STRICT`
}

/** The key first; then what lookups, pages of everything, and pages of one owner or site need beyond it. */
export function indexesOf(relation: AnyRelation): readonly Index[] {
  const wanted = [
    ...relation.lookups,
    relation.order.columns,
    ...accessColumns(relation.access).map(column => accessOrder(relation, column)),
  ]
  const found: Index[] = [{ name: `${relation.name}_key`, columns: relation.key, isUnique: true }]
  // The longer first, so that the shorter can be found to be their beginning.
  for (const columns of wanted.toSorted((a, b) => b.length - a.length))
    if (!found.some(index => columns.every((name, position) => index.columns[position] === name)))
      found.push({ name: `${relation.name}_by_${columns.map(columnName).join('_')}`, columns, isUnique: false })
  return found
}

/** The order of the rows of one owner or site. */
export function accessOrder(relation: AnyRelation, column: string): readonly string[] {
  return [column, ...relation.order.columns.filter(name => name !== column)]
}

/** The index that begins with these columns; there is one for each lookup, for the order and for each access column. */
export function indexBeginning(relation: AnyRelation, columns: readonly string[]): Index {
  const index = indexesOf(relation).find(each => columns.every((name, position) => each.columns[position] === name))
  if (index === undefined) throw new TypeError(`${relation.name} has no index by ${columns.join(', ')}`)
  return index
}

export function indexStatement(relation: AnyRelation, { name, columns, isUnique }: Index): string {
  const kind = isUnique ? 'UNIQUE INDEX' : 'INDEX'
  return `CREATE ${kind} ${quoted(name)} ON ${quoted(relation.name)} (${columnList(columns).join(', ')})`
}

function scaleOf({ sqlType }: Column): number {
  const [, precision, scale] = /^numeric\((\d+),(\d+)\)$/.exec(sqlType) ?? []
  if (scale === undefined || Number(precision) > MOST_DIGITS)
    throw new TypeError(`${sqlType} has more than ${MOST_DIGITS} digits, or no number of them`)
  return Number(scale)
}

function twiceScaled(decimal: string, scale: number): bigint {
  const [whole = '', part = ''] = decimal.replace('-', '').split('.')
  const beyond = /[1-9]/.test(part.slice(scale)) ? 1n : 0n
  const magnitude = 2n * BigInt(whole + part.slice(0, scale).padEnd(scale, '0')) + beyond
  const bounded = magnitude < MOST ? magnitude : MOST
  return decimal.startsWith('-') ? -bounded : bounded
}
