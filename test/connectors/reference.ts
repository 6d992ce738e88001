import type { Column } from '../../src/systems/columns.ts'
import type { AnyRelation, Condition, PageQuery, RawRow, RowFilter } from '../../src/systems/connector.ts'
import type { Row } from '../../src/systems/relation.ts'

/**
 * What every connector must answer, said as plainly as possible and without a thought for speed. It shares nothing
 * with the connectors: text is compared as UTF-8 bytes, decimals as integers of their last digit.
 */
export function referencePage(relation: AnyRelation, rows: readonly Row[], query: PageQuery) {
  const sign = relation.order.direction === 'ascending' ? 1 : -1
  const { after } = query
  const found = rows
    .filter(row => isShown(row, query.visible) && query.where.every(condition => holds(relation, row, condition)))
    .sort((a, b) => sign * compareKeys(relation, keyOf(relation, a), keyOf(relation, b)))
    .filter(row => after === null || sign * compareKeys(relation, keyOf(relation, row), after) > 0)
  return { rows: found.slice(0, query.first), hasNextPage: found.length > query.first }
}

export function isShown(row: RawRow, visible: RowFilter): boolean {
  if (visible.kind === 'all') return true
  if (visible.kind === 'owner') return visible.columns.some(name => row[name] === visible.value)
  return visible.values.some(value => row[visible.column] === value)
}

/** The values of the order's columns. */
export function keyOf(relation: AnyRelation, row: Row) {
  return relation.order.columns.map(name => row[name] ?? null)
}

function compareKeys(relation: AnyRelation, a: readonly unknown[], b: readonly unknown[]): number {
  const differences = relation.order.columns.map((name, index) => compare(relation.columns[name], a[index], b[index]))
  return differences.find(difference => difference !== 0) ?? 0
}

function holds(relation: AnyRelation, row: Row, condition: Condition): boolean {
  const value = row[condition.column] ?? null
  const column = relation.columns[condition.column]
  if (value === null) return false
  switch (condition.is) {
    case 'holding':
      return Array.isArray(value) && value.includes(condition.value)
    case 'in':
      return condition.values.some(each => each !== null && compare(column, value, each) === 0)
    case 'equal':
      return condition.value !== null && compare(column, value, condition.value) === 0
    case 'atLeast':
      return compare(column, value, condition.value) >= 0
    case 'atMost':
      return compare(column, value, condition.value) <= 0
    case 'above':
      return compare(column, value, condition.value) > 0
    case 'below':
      return compare(column, value, condition.value) < 0
    default:
      return condition satisfies never
  }
}

function compare(column: Column | undefined, a: unknown, b: unknown): number {
  if (column?.kind === 'text') return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
  if (column?.kind === 'decimal')
    return Number(inLastDigits(a) > inLastDigits(b)) - Number(inLastDigits(a) < inLastDigits(b))
  if (column?.kind === 'timestamp') return Date.parse(String(a)) - Date.parse(String(b))
  if (column?.kind === 'date') return Date.parse(String(a)) - Date.parse(String(b))
  return Number(a) - Number(b)
}

function inLastDigits(value: unknown): bigint {
  const [whole = '', part = ''] = String(value).split('.')
  return BigInt(whole + part.padEnd(6, '0'))
}
