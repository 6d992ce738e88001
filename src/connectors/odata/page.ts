import type { RawRow } from '../../systems/connector.ts'
import { columnName, type Row } from '../../systems/relation.ts'
import { type Operand, operandOf } from '../operand.ts'
import { type CheckedPage, namedColumn } from '../query.ts'
import { comparisonTest, visibilityTest } from '../row-test.ts'
import { all } from './expression.ts'
import { untrusted } from './failure.ts'
import { type Dialect, pushComparison, pushVisibility } from './filter.ts'
import { after, isOrderable } from './keyset.ts'
import { pathFor, queryOf, type ReadingOptions, refuseRepeats, rowsOf } from './reading.ts'
import { entityPages } from './service.ts'

/**
 * Pages of relations that an entity set holds, by keyset. Called by the connector and the totals. What the service cannot
 * be asked is tested on the rows, and a page reads on until it is full.
 */

/** More is a mapping that does not fit the question, and would hold up everybody. */
const MAX_ROWS_READ = 50_000

/** The filter of a page without its cursor, and the test for what it cannot ask. */
function pageFilter(dialect: Dialect, checked: CheckedPage) {
  const visible = pushVisibility(dialect, checked.visible)
  const pushed = checked.where.map(comparison => pushComparison(dialect, comparison))
  const tests = checked.where.map(comparisonTest)
  const isVisible = visible === null ? visibilityTest(checked.visible) : () => true
  return {
    filter: all([visible ?? true, ...pushed.map(({ expression }) => expression)]),
    complete: visible !== null && pushed.every(({ complete }) => complete),
    test: (row: RawRow) => isVisible(row as Row) && tests.every(test => test(row as Row)),
  }
}

/** Null: no row can be on the page. */
export function pageRequest(
  options: ReadingOptions,
  dialect: Dialect,
  checked: CheckedPage,
  cursor: readonly Operand[] | null,
  wanted: number,
): { readonly path: string; readonly top: number } | null {
  const { relation } = dialect.mapping
  const unordered = relation.order.columns.filter(name => !isOrderable(dialect.mapping, name))
  if (unordered.length > 0)
    throw new Error(`relation ${relation.name}: the source cannot sort by ${unordered.map(columnName).join(', ')}`)
  const { filter, complete } = pageFilter(dialect, checked)
  const top = complete ? Math.min(wanted, options.pageSize) : options.pageSize
  const beyond = cursor === null ? true : after(dialect, cursor)
  const path = pathFor(options, dialect, { ...queryOf(dialect), filter: all([filter, beyond]), top })
  return path === null ? null : { path, top }
}

/** Rows of a page in its order, up to one more than `first`, which tells whether there is a next page. */
export async function page(
  options: ReadingOptions,
  dialect: Dialect,
  checked: CheckedPage,
  asOf: string,
  signal: AbortSignal,
): Promise<readonly RawRow[]> {
  const { relation } = dialect.mapping
  const { test } = pageFilter(dialect, checked)
  const found: RawRow[] = []
  const seen = new Set<string>()
  let cursor = checked.after
  while (found.length <= checked.first) {
    if (seen.size > MAX_ROWS_READ)
      throw new Error(
        `relation ${relation.name}: ${MAX_ROWS_READ} rows were read for one page, because the source cannot be asked for the condition`,
      )
    const rows: RawRow[] = []
    const request = pageRequest(options, dialect, checked, cursor, checked.first + 1 - found.length)
    if (request === null) break
    for await (const page of entityPages(options, dialect.mapping.service, request.path, request.top, signal))
      rows.push(...(await rowsOf(options, dialect, page, asOf, signal)))
    refuseRepeats(options, dialect, rows, seen)
    found.push(...rows.filter(test))
    if (rows.length < request.top) break
    cursor = cursorOf(options, dialect, rows.at(-1) ?? {})
  }
  return found.slice(0, checked.first + 1)
}

/** The values of the order's columns in a row, as the next page begins after them. */
export function cursorOf(options: ReadingOptions, dialect: Dialect, row: RawRow): readonly Operand[] {
  const { relation } = dialect.mapping
  return relation.order.columns.map(name => {
    const { column } = namedColumn(relation, name)
    const value = row[name]
    // Inside the gateway a time has milliseconds: a finer one would part a row from its own cursor.
    const isFine = column.kind === 'timestamp' && typeof value === 'string' && /\.\d{4}/.test(value)
    const operand = isFine || (typeof value !== 'string' && typeof value !== 'number') ? null : operandOf(column, value)
    if (operand === null)
      throw untrusted(
        options.system,
        `relation ${relation.name} is paged by ${columnName(name)}, which has no value, a wrong one or a finer one than milliseconds`,
      )
    return operand
  })
}
