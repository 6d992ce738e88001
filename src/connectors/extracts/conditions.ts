import type { Column } from '../../systems/columns.ts'
import type { Operand } from '../operand.ts'
import type { Comparison, Visibility } from '../query.ts'
import { columnList, type Stored, storedOperand, storedType } from './layout.ts'

/** The conditions of a read in SQL, a value being a parameter always. Called by `statements.ts`. */
export interface Statement {
  readonly sql: string
  /** One for each `?`, in order. */
  readonly values: readonly Stored[]
}

export function visibleTest({ columns, operands }: Visibility, prefix = ''): Statement {
  const names = columnList(
    columns.map(({ name }) => name),
    prefix,
  )
  const among = names.map(column => `${column} IN (SELECT value FROM json_each(?))`)
  return { sql: `(${among.join(' OR ')})`, values: names.map(() => JSON.stringify(operands)) }
}

const OPERATORS = { equal: '=', atLeast: '>=', atMost: '<=', above: '>', below: '<' } as const

/** Null passes none of them, as NULL is not true. */
export function comparisonTest(comparison: Comparison): Statement {
  const { name, column } = comparison
  const [own = ''] = columnList([name])
  if (comparison.is === 'in') {
    const values = comparison.operands.map(operand => [jsonOperand(column, operand)])
    return {
      sql: `${own} IN (SELECT ${keyPart(column, 0)} FROM json_each(?) k)`,
      values: [JSON.stringify(values)],
    }
  }
  if (comparison.is === 'holding')
    return {
      sql: `EXISTS (SELECT 1 FROM json_each(${own}) WHERE value = ?)`,
      values: [storedOperand(column, comparison.operand)],
    }
  return { sql: `${own} ${OPERATORS[comparison.is]} ?`, values: [storedOperand(column, comparison.operand)] }
}

/** A value out of a JSON array of arrays. A decimal is text there, as JSON's numbers are not exact beyond 53 bits. */
export function keyPart(column: Column, position: number): string {
  const part = `(k.value ->> ${position})`
  return storedType(column) === 'INTEGER' ? `CAST(${part} AS INTEGER)` : part
}

export function jsonOperand(column: Column, operand: Operand): string | number {
  const stored = storedOperand(column, operand)
  return typeof stored === 'bigint' ? String(stored) : stored
}
