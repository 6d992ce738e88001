import type { Operand } from '../operand.ts'
import { comparatorOf } from '../ordering.ts'
import { namedColumn } from '../query.ts'
import { all, any, type Expression } from './expression.ts'
import { comparableField, type Dialect, padded } from './filter.ts'
import { literalOf } from './literal.ts'
import type { Mapping } from './mapping.ts'
import { propertyAt } from './shapes.ts'
import type { Source } from './source.ts'

/**
 * Pages by keyset: the order of a relation in the source's fields, and the condition for what comes after a row. Called
 * by the pages and totals; never `$skip`, which repeats and loses rows while data moves.
 */

/** Whether the source can sort by the column: a plain field, fields put together, or codes that each mean one value. */
export function isOrderable(mapping: Mapping, property: string): boolean {
  const source = mapping.sources.get(property)
  if (source?.kind === 'constant' || source?.kind === 'fields') return true
  if (source?.kind !== 'field' || source.reference.join !== null || source.fallback !== null) return false
  if (source.codes !== null) return source.codes.isOneToOne
  return source.pad === null || mapping.relation.columns[property]?.kind === 'integer'
}

/** The value of `$orderby`. */
export function orderOf({ mapping }: Dialect): string {
  const { columns, direction } = mapping.relation.order
  const fields = columns.flatMap(name => fieldsBehind(mapping.sources.get(name)))
  return [...new Set(fields)].map(field => `${field} ${direction === 'ascending' ? 'asc' : 'desc'}`).join(',')
}

/**
 * The rows after the one with these values of the order's columns:
 * `a gt 1 or (a eq 1 and b gt 2) or (a eq 1 and b eq 2 and c gt 3)`. False: no row can come after.
 */
export function after(dialect: Dialect, values: readonly Operand[]): Expression {
  const { relation } = dialect.mapping
  const steps = relation.order.columns.flatMap((name, index) => stepsOf(dialect, name, values[index] ?? ''))
  return any(steps.map(({ beyond }, index) => all([...steps.slice(0, index).map(({ same }) => same), beyond])))
}

interface Step {
  readonly same: Expression
  readonly beyond: Expression
}

function stepsOf(dialect: Dialect, name: string, value: Operand): readonly Step[] {
  const { relation, sources } = dialect.mapping
  const { column } = namedColumn(relation, name)
  const source = sources.get(name)
  const rising = relation.order.direction === 'ascending'
  if (source?.kind === 'constant') {
    const difference = comparatorOf(column)(source.value as Operand, value)
    return [{ same: difference === 0, beyond: rising ? difference > 0 : difference < 0 }]
  }
  return literalsOf(dialect, name, value).map(({ field, literal }) =>
    literal === null
      ? { same: false, beyond: false }
      : { same: `${field} eq ${literal}`, beyond: `${field} ${rising ? 'gt' : 'lt'} ${literal}` },
  )
}

interface FieldLiteral {
  readonly field: string
  readonly literal: string | null
}

function literalsOf(dialect: Dialect, name: string, value: Operand): readonly FieldLiteral[] {
  const { version, shapes, mapping } = dialect
  const { column } = namedColumn(mapping.relation, name)
  const source = mapping.sources.get(name)
  if (!column.schema.safeParse(value).success) return fieldsBehind(source).map(field => ({ field, literal: null }))
  if (source?.kind === 'fields') {
    const parts = String(value).split(source.separator)
    return source.fields.map((field, index) => {
      const property = propertyAt(shapes, { join: null, many: false, field })
      const part = parts.length === source.fields.length ? parts[index] : undefined
      return { field, literal: part === undefined ? null : literalOf(version, property, part) }
    })
  }
  if (source?.kind === 'field' && source.codes !== null) {
    const [code] = source.codes.codesOf(value)
    const filled = code === undefined || source.pad === null ? code : padded(code, source.pad)
    const property = propertyAt(shapes, source.reference)
    return [{ field: property.name, literal: filled == null ? null : literalOf(version, property, filled) }]
  }
  const comparable = comparableField(dialect, column, source)
  if (comparable === null) throw new Error(`the source cannot sort by ${name}`)
  const filled = comparable.pad === null ? value : padded(String(value), comparable.pad)
  return [
    {
      field: comparable.property.name,
      literal: filled === null ? null : literalOf(version, comparable.property, filled),
    },
  ]
}

function fieldsBehind(source: Source | undefined): readonly string[] {
  if (source?.kind === 'fields') return source.fields
  return source?.kind === 'field' ? [source.reference.field] : []
}
