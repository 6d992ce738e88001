import type { Column } from '../systems/columns.ts'
import type { AnyRelation, Condition, LookupQuery, PageQuery, RowFilter } from '../systems/connector.ts'
import type { Value } from '../systems/relation.ts'
import { type Operand, operandOf } from './operand.ts'

/**
 * A read checked against its relation and reduced to what can match, once for all connectors. Null stands for a read
 * that no row can match, which needs no source at all. A column that the relation does not have, or a comparison
 * that its kind does not know, is a mistake of the caller and throws `TypeError`.
 */
export interface NamedColumn {
  readonly name: string
  readonly column: Column
}

/** One comparison that a row must pass. */
export type Comparison =
  | (NamedColumn & { readonly is: Exclude<Condition['is'], 'in'>; readonly operand: Operand })
  | (NamedColumn & { readonly is: 'in'; readonly operands: readonly Operand[] })

/** The rows that may be seen: the value stands in one of the columns. */
export interface Visibility {
  readonly columns: readonly NamedColumn[]
  readonly operands: readonly Operand[]
}

export interface CheckedLookup {
  readonly columns: readonly NamedColumn[]
  /** Each key has one operand per column. */
  readonly keys: readonly (readonly Operand[])[]
  readonly visible: Visibility | 'all'
}

export interface CheckedPage {
  readonly visible: Visibility | 'all'
  readonly where: readonly Comparison[]
  /** One operand per column of the relation's order. */
  readonly after: readonly Operand[] | null
  readonly first: number
}

export function checkedLookup(relation: AnyRelation, query: LookupQuery): CheckedLookup | null {
  const named = query.columns.join()
  if (!relation.lookups.some(lookup => lookup.join() === named))
    throw new TypeError(`${relation.name} is not looked up by ${query.columns.join(', ')}`)
  const columns = query.columns.map(name => namedColumn(relation, name))
  const keys = query.keys.map(key => operandsOf(columns, key)).filter(key => key !== null)
  const visible = visibilityOf(relation, query.visible)
  return keys.length === 0 || visible === null ? null : { columns, keys, visible }
}

export function checkedPage(relation: AnyRelation, query: PageQuery): CheckedPage | null {
  if (!Number.isSafeInteger(query.first) || query.first < 1) throw new TypeError(`a page of ${query.first} rows`)
  const ordered = relation.order.columns.map(name => namedColumn(relation, name))
  const after = query.after && operandsOf(ordered, query.after)
  const visible = visibilityOf(relation, query.visible)
  const where = query.where.map(condition => comparisonOf(relation, condition)).filter(each => each !== null)
  if (visible === null || where.length < query.where.length || (query.after && !after)) return null
  return { visible, where, after, first: query.first }
}

export function namedColumn(relation: AnyRelation, name: string): NamedColumn {
  const column = Object.hasOwn(relation.columns, name) ? relation.columns[name] : undefined
  if (column === undefined) throw new TypeError(`${relation.name} has no column ${name}`)
  return { name, column }
}

function operandsOf(columns: readonly NamedColumn[], values: readonly Value[]): readonly Operand[] | null {
  const operands = columns.map(({ column }, index) => operandOf(column, values[index] ?? null))
  return values.length === columns.length && operands.every(operand => operand !== null) ? operands : null
}

function visibilityOf(relation: AnyRelation, visible: RowFilter): Visibility | 'all' | null {
  switch (visible.kind) {
    case 'all':
      return 'all'
    case 'owner':
      return visibilityIn(relation, visible.columns, [visible.value])
    case 'within':
      return visibilityIn(relation, [visible.column], visible.values)
    default:
      return visible satisfies never
  }
}

function visibilityIn(relation: AnyRelation, names: readonly string[], values: readonly string[]): Visibility | null {
  const columns = names.map(name => namedColumn(relation, name))
  for (const { name, column } of columns)
    if (column.kind !== 'text') throw new TypeError(`${relation.name}.${name} names no owner and no site`)
  const operands = values.map(value => columns[0] && operandOf(columns[0].column, value)).filter(isOperand)
  return operands.length === 0 ? null : { columns, operands }
}

function comparisonOf(relation: AnyRelation, condition: Condition): Comparison | null {
  const { name, column } = namedColumn(relation, condition.column)
  if ((column.kind === 'texts') !== (condition.is === 'holding'))
    throw new TypeError(`${relation.name}.${name} is ${column.kind}, which "${condition.is}" does not compare`)
  if (condition.is === 'in') {
    // Each once: a client may repeat a value ten thousand times, and each is compared with each row.
    const operands = [...new Set(condition.values.map(value => operandOf(column, value)).filter(isOperand))]
    return operands.length === 0 ? null : { name, column, is: 'in', operands }
  }
  const operand = operandOf(column, condition.value)
  return operand === null ? null : { name, column, is: condition.is, operand }
}

function isOperand(operand: Operand | null | undefined): operand is Operand {
  return operand !== null && operand !== undefined
}
