import type { Row } from '../systems/relation.ts'
import type { Operand } from './operand.ts'
import { comparatorOf } from './ordering.ts'
import type { Comparison, Visibility } from './query.ts'

/** Whether a row passes what a read asks for, for connectors whose source does not compare everything itself. */

export function visibilityTest(visible: Visibility | 'all'): (row: Row) => boolean {
  if (visible === 'all') return () => true
  const operands = new Set<unknown>(visible.operands)
  return row => visible.columns.some(({ name }) => operands.has(row[name]))
}

/** Null passes no comparison, as in SQL. */
export function comparisonTest(comparison: Comparison): (row: Row) => boolean {
  const { name, column } = comparison
  const compare = comparatorOf(column)
  const test = (holds: (value: Operand) => boolean) => (row: Row) => {
    const value = row[name] ?? null
    return value !== null && typeof value !== 'object' && holds(value)
  }
  switch (comparison.is) {
    case 'equal':
      return test(value => compare(value, comparison.operand) === 0)
    case 'in':
      return test(value => comparison.operands.some(operand => compare(value, operand) === 0))
    case 'atLeast':
      return test(value => compare(value, comparison.operand) >= 0)
    case 'atMost':
      return test(value => compare(value, comparison.operand) <= 0)
    case 'above':
      return test(value => compare(value, comparison.operand) > 0)
    case 'below':
      return test(value => compare(value, comparison.operand) < 0)
    case 'holding':
      return row => {
        const value = row[name] ?? null
        return Array.isArray(value) && value.includes(comparison.operand)
      }
    default:
      return comparison satisfies never
  }
}
