import { decimal, text, timestamp } from '../../systems/columns.ts'
import type { Operand } from '../operand.ts'
import { type Compare, comparatorOf } from '../ordering.ts'
import { namedColumn } from '../query.ts'
import { columnValue, isNumeric, isTimed, type Property } from './edm.ts'
import { all, any, type Expression } from './expression.ts'
import { type Dialect, padded } from './filter.ts'
import { literalOf } from './literal.ts'
import type { Mapping } from './mapping.ts'
import type { Entity } from './row.ts'
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
  const word = mapping.relation.order.direction === 'ascending' ? 'asc' : 'desc'
  return orderFields(mapping)
    .map(field => `${field} ${word}`)
    .join(',')
}

/** The order that a service gives entities in, where it sorts text by code point. */
export function entityOrder({ mapping, shapes }: Dialect): Compare<Entity> {
  const sign = mapping.relation.order.direction === 'ascending' ? 1 : -1
  const orders = orderFields(mapping).map(field => {
    const property = ownProperty(shapes, field)
    const compare = comparatorOf(isNumeric(property) ? NUMBER : text())
    const sorted = (entity: Entity) => {
      const cell = entity[field] ?? ''
      return String((isTimed(property) ? columnValue(INSTANT, cell) : cell) ?? '')
    }
    return (a: Entity, b: Entity) => sign * compare(sorted(a), sorted(b))
  })
  return (a, b) => {
    for (const order of orders) {
      const difference = order(a, b)
      if (difference !== 0) return difference
    }
    return 0
  }
}

const NUMBER = decimal(60, 30)
const INSTANT = timestamp()

/**
 * The rows after the one with these values of the order's columns:
 * `a gt 1 or (a eq 1 and b gt 2) or (a eq 1 and b eq 2 and c gt 3)`. False: no row can come after.
 */
export function after(dialect: Dialect, values: readonly Operand[]): Expression {
  const { relation } = dialect.mapping
  const steps = relation.order.columns.flatMap((name, index) => stepsOf(dialect, name, values[index] ?? ''))
  return any(steps.map(({ beyond }, index) => all([...steps.slice(0, index).map(({ same }) => same), beyond])))
}

/** Whether `after` these values leads on from this entity: its own fields are what would be written. */
export function leadsBackTo(dialect: Dialect, values: readonly Operand[], entity: Entity): boolean {
  const { version, mapping, shapes } = dialect
  return mapping.relation.order.columns.every((name, index) => {
    const source = mapping.sources.get(name)
    const isPlain = source?.kind === 'field' && source.codes === null && source.pad === null
    return fieldValues(mapping, name, values[index] ?? '').every(
      ({ field, value }) =>
        value !== null &&
        literalOf(version, ownProperty(shapes, field), value) !== null &&
        (isPlain || String(value) === String(entity[field])),
    )
  })
}

interface Step {
  readonly same: Expression
  readonly beyond: Expression
}

function stepsOf({ version, mapping, shapes }: Dialect, name: string, value: Operand): readonly Step[] {
  const { relation, sources } = mapping
  const source = sources.get(name)
  const rising = relation.order.direction === 'ascending'
  if (source?.kind === 'constant') {
    const difference = comparatorOf(namedColumn(relation, name).column)(source.value as Operand, value)
    return [{ same: difference === 0, beyond: rising ? difference > 0 : difference < 0 }]
  }
  return fieldValues(mapping, name, value).map(({ field, value }) => {
    const literal = value === null ? null : literalOf(version, ownProperty(shapes, field), value)
    return literal === null
      ? { same: false, beyond: false }
      : { same: `${field} eq ${literal}`, beyond: `${field} ${rising ? 'gt' : 'lt'} ${literal}` }
  })
}

/** What each field behind a column holds where the column holds the value; null: none can. */
function fieldValues(
  mapping: Mapping,
  name: string,
  value: Operand,
): readonly { readonly field: string; readonly value: Operand | null }[] {
  const source = mapping.sources.get(name)
  const fields = fieldsBehind(source)
  if (!namedColumn(mapping.relation, name).column.schema.safeParse(value).success)
    return fields.map(field => ({ field, value: null }))
  if (source?.kind === 'fields') {
    const parts = String(value).split(source.separator)
    return fields.map((field, index) => ({
      field,
      value: parts.length === fields.length ? (parts[index] ?? null) : null,
    }))
  }
  if (source?.kind !== 'field') return []
  const [code = null] = source.codes === null ? [value] : source.codes.codesOf(value)
  const filled = code === null || source.pad === null ? code : padded(String(code), source.pad)
  return fields.map(field => ({ field, value: filled }))
}

function orderFields({ relation, sources }: Mapping): readonly string[] {
  return [...new Set(relation.order.columns.flatMap(name => fieldsBehind(sources.get(name))))]
}

function fieldsBehind(source: Source | undefined): readonly string[] {
  if (source?.kind === 'fields') return source.fields
  return source?.kind === 'field' ? [source.reference.field] : []
}

function ownProperty(shapes: Dialect['shapes'], field: string): Property {
  return propertyAt(shapes, { join: null, many: false, field })
}
