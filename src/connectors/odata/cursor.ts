import { columnName } from '../../systems/relation.ts'
import { type Operand, operandOf } from '../operand.ts'
import { namedColumn } from '../query.ts'
import { untrusted } from './failure.ts'
import type { Dialect } from './filter.ts'
import { leadsBackTo } from './keyset.ts'
import type { MadeRow, ReadingOptions } from './reading.ts'

/**
 * The values of the order's columns in a row, as the next page begins after them. Called by the pages. Throws
 * `SYSTEM_DATA_INVALID` where the next page would begin elsewhere: a list must not end early, nor begin again.
 */
export function cursorOf({ system }: ReadingOptions, dialect: Dialect, { row, own }: MadeRow): readonly Operand[] {
  const { relation } = dialect.mapping
  const cursor = relation.order.columns.map(name => {
    const { column } = namedColumn(relation, name)
    const value = row[name]
    // Inside the gateway a time has milliseconds: a finer one would part a row from its own cursor.
    const isFine = column.kind === 'timestamp' && typeof value === 'string' && /\.\d{4}/.test(value)
    const operand = isFine || (typeof value !== 'string' && typeof value !== 'number') ? null : operandOf(column, value)
    if (operand === null)
      throw untrusted(
        system,
        `relation ${relation.name} is paged by ${columnName(name)}, which has no value, a wrong one or a finer one than milliseconds`,
      )
    return operand
  })
  if (leadsBackTo(dialect, cursor, own)) return cursor
  throw untrusted(
    system,
    `relation ${relation.name} is paged by ${relation.order.columns.map(columnName).join(', ')}, and holds a value there that the mapping cannot ask for again: longer than its field, not padded, or one of the values of its codes`,
  )
}
