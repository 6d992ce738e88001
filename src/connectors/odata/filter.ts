import type { Column } from '../../systems/columns.ts'
import type { Operand } from '../operand.ts'
import type { Comparison, Visibility } from '../query.ts'
import { comparisonTest } from '../row-test.ts'
import { isTimed, type Property, type Version } from './edm.ts'
import { all, alternativesOf, any, type Expression } from './expression.ts'
import { literalOf } from './literal.ts'
import type { Mapping } from './mapping.ts'
import { propertyAt, type Shapes } from './shapes.ts'
import type { Source } from './source.ts'

/**
 * What of a read the service can be asked: comparisons, visibility and keys as conditions of `$filter`. Called by the
 * requests. What cannot be asked is left out, never said wrongly, and tested on the rows.
 */
export interface Dialect {
  readonly version: Version
  readonly mapping: Mapping
  readonly shapes: Shapes
}

/** Every row that may pass does; `complete`: and no other. */
export interface Pushed {
  readonly expression: Expression
  readonly complete: boolean
}

const NOT_ASKED: Pushed = { expression: true, complete: false }
/** Longer values make room for nothing else in a URL. */
const MAX_LITERAL = 600
const WORDS = { equal: 'eq', atLeast: 'ge', atMost: 'le', above: 'gt', below: 'lt' } as const

export function pushComparison(dialect: Dialect, comparison: Comparison): Pushed {
  const { name, column } = comparison
  const source = dialect.mapping.sources.get(name)
  switch (comparison.is) {
    case 'holding':
      return NOT_ASKED
    case 'equal':
      return pushEqual(dialect, name, column, [comparison.operand])
    case 'in':
      return pushEqual(dialect, name, column, comparison.operands)
    case 'atLeast':
    case 'atMost':
    case 'above':
    case 'below': {
      if (source?.kind === 'constant') return settled(comparisonTest(comparison)({ [name]: source.value }))
      const range = rangeOf(dialect, column, source, comparison.is, comparison.operand)
      return range === null ? NOT_ASKED : { expression: range, complete: true }
    }
    default:
      return comparison satisfies never
  }
}

/** The column holds one of the values. */
export function pushEqual(dialect: Dialect, name: string, column: Column, operands: readonly Operand[]): Pushed {
  const source = dialect.mapping.sources.get(name)
  if (source?.kind === 'constant')
    return settled(comparisonTest({ name, column, is: 'in', operands })({ [name]: source.value }))
  const parts = operands.map(operand => equalTo(dialect, column, source, operand))
  return parts.includes(null) ? NOT_ASKED : { expression: any(parts.filter(part => part !== null)), complete: true }
}

/** Conditions of which every visible row passes one, and no other row any. Null: the service cannot be asked. */
export function pushVisibility(dialect: Dialect, visible: Visibility | 'all'): readonly Expression[] | null {
  if (visible === 'all') return [true]
  const parts = visible.columns.map(({ name, column }) => pushEqual(dialect, name, column, visible.operands))
  return parts.every(({ complete }) => complete) ? alternativesOf(any(parts.map(({ expression }) => expression))) : null
}

/** Whether rows can be found by the column, whatever the value. */
export function isAskable(source: Source | undefined): boolean {
  if (source?.kind === 'field') return source.reference.join === null
  return source?.kind === 'fields' || source?.kind === 'constant'
}

function settled(passes: boolean): Pushed {
  return { expression: passes, complete: true }
}

function equalTo(dialect: Dialect, column: Column, source: Source | undefined, operand: Operand): Expression | null {
  // What the border would refuse no row can be.
  if (!column.schema.safeParse(operand).success) return false
  if (source?.kind === 'fields') {
    const parts = String(operand).split(source.separator)
    if (parts.length !== source.fields.length) return false
    return all(source.fields.map((field, index) => equality(dialect, column, own(dialect, field), parts[index] ?? '')))
  }
  if (source?.kind !== 'field' || source.reference.join !== null) return null
  if (source.fallback !== null && String(source.fallback) === String(operand)) return null
  const property = propertyAt(dialect.shapes, source.reference)
  const codes = source.codes?.codesOf(operand) ?? [operand]
  const filled = codes.map(code => (source.pad === null ? code : padded(String(code), source.pad)))
  return any(filled.map(code => code !== null && equality(dialect, column, property, code)))
}

function equality({ version }: Dialect, column: Column, property: Property, value: Operand): Expression {
  const literal = literalOf(version, property, value)
  if (literal === null) return false
  const end = isDayOfTime(column, property) ? literalOf(version, property, dayAfter(value)) : null
  return end === null
    ? `${property.name} eq ${literal}`
    : all([`${property.name} ge ${literal}`, `${property.name} lt ${end}`])
}

function rangeOf(
  dialect: Dialect,
  column: Column,
  source: Source | undefined,
  is: keyof typeof WORDS,
  operand: Operand,
): string | null {
  const comparable = comparableField(dialect, column, source)
  if (comparable === null) return null
  const { property, pad } = comparable
  const isBeyondDay = isDayOfTime(column, property) && (is === 'atMost' || is === 'above')
  const value = pad === null ? (isBeyondDay ? dayAfter(operand) : operand) : padded(String(operand), pad)
  const literal = value === null ? null : literalOf(dialect.version, property, value)
  if (literal === null || encodeURIComponent(literal).length > MAX_LITERAL) return null
  const word = isBeyondDay ? (is === 'atMost' ? 'lt' : 'ge') : WORDS[is]
  return `${property.name} ${word} ${literal}`
}

/** Days are asked for from beginning to end, so that a row with a time of day is given, and refused, and not left out. */
function isDayOfTime(column: Column, property: Property): boolean {
  return column.kind === 'date' && isTimed(property)
}

function dayAfter(day: Operand): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

/** The field whose order is the column's: plain, or a whole number of fixed length. Null: there is none. */
function comparableField({ shapes }: Dialect, column: Column, source: Source | undefined) {
  if (source?.kind !== 'field' || source.reference.join !== null || source.codes !== null) return null
  if (source.pad !== null && column.kind !== 'integer') return null
  return { property: propertyAt(shapes, source.reference), pad: source.pad }
}

/** Null: the source holds no such number. */
export function padded(text: string, pad: number): string | null {
  if (!/^\d+$/.test(text)) return /^-/.test(text) ? null : text
  return text.length > pad || (text.length > 1 && text.startsWith('0')) ? null : text.padStart(pad, '0')
}

function own({ shapes }: Dialect, field: string): Property {
  return propertyAt(shapes, { join: null, many: false, field })
}
