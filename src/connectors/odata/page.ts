import type { RawRow } from '../../systems/connector.ts'
import { columnName, type Row } from '../../systems/relation.ts'
import type { Operand } from '../operand.ts'
import type { CheckedPage } from '../query.ts'
import { comparisonTest, visibilityTest } from '../row-test.ts'
import { cursorOf } from './cursor.ts'
import { all, any, type Expression } from './expression.ts'
import { type Dialect, pushComparison, pushVisibility } from './filter.ts'
import { after, isOrderable } from './keyset.ts'
import { merged } from './merge.ts'
import {
  entitiesAt,
  type MadeRow,
  pathFor,
  queryOf,
  type ReadingOptions,
  refuseRepeats,
  roomFor,
  rowsOf,
} from './reading.ts'
import { chunksOf, lengthOf } from './requests.ts'
import { together } from './together.ts'

/**
 * Pages of relations that an entity set holds, by keyset. Called by the connector and the totals. What the service cannot
 * be asked is tested on the rows, and a page reads on until it is full.
 */
export interface PageRows {
  readonly rows: readonly RawRow[]
  /** Where the next page begins; null: there is none. */
  readonly next: readonly Operand[] | null
}

/** More is a mapping that does not fit the question, and would hold up everybody. */
const MAX_ROWS_READ = 50_000
/** Sites or codes of one viewer that need more requests are tested on the rows. */
const MAX_REQUESTS = 50

interface PageRequests {
  /** Every row of the page passes one of them; none: no row can be on the page. */
  readonly paths: readonly string[]
  /** Most entities that each is asked for. */
  readonly top: number
  /** For what they cannot ask. */
  readonly test: (row: RawRow) => boolean
}

export function pageRequests(
  options: ReadingOptions,
  dialect: Dialect,
  checked: CheckedPage,
  cursor: readonly Operand[] | null,
  wanted: number,
): PageRequests {
  const { relation } = dialect.mapping
  const unordered = relation.order.columns.filter(name => !isOrderable(dialect.mapping, name))
  if (unordered.length > 0)
    throw new Error(`relation ${relation.name}: the source cannot sort by ${unordered.map(columnName).join(', ')}`)
  const pushed = checked.where.map(comparison => pushComparison(dialect, comparison))
  const beyond = cursor === null ? true : after(dialect, cursor)
  const rest = all([...pushed.map(({ expression }) => expression), beyond])
  const groups = visibleGroups(options, dialect, checked, rest)
  const complete = groups !== null && pushed.every(each => each.complete)
  const asked = groups ?? [true]
  const top = complete ? Math.min(wanted, options.pageSize) : Math.ceil(options.pageSize / Math.max(1, asked.length))
  const paths = asked.map(group => pathFor(options, dialect, { ...queryOf(dialect), filter: all([group, rest]), top }))
  const tests = checked.where.map(comparisonTest)
  const isVisible = groups === null ? visibilityTest(checked.visible) : () => true
  return {
    paths: paths.filter(path => path !== null),
    top,
    test: row => isVisible(row as Row) && tests.every(test => test(row as Row)),
  }
}

/** The visibility as conditions that each fit in a URL beside the rest. Null: it has to be tested on the rows. */
function visibleGroups(
  options: ReadingOptions,
  dialect: Dialect,
  { visible }: CheckedPage,
  rest: Expression,
): readonly Expression[] | null {
  const alternatives = pushVisibility(dialect, visible)
  if (alternatives === null || alternatives.length === 0 || alternatives.includes(true)) return alternatives
  const query = { ...queryOf(dialect), filter: all(['()', rest]), top: options.pageSize }
  const room = roomFor(options, dialect, query)
  if (alternatives.some(alternative => lengthOf(alternative) > room)) return null
  const chunks = chunksOf(alternatives, room)
  return chunks.length > MAX_REQUESTS ? null : chunks.map(any)
}

export async function page(
  options: ReadingOptions,
  dialect: Dialect,
  checked: CheckedPage,
  asOf: string,
  signal: AbortSignal,
): Promise<PageRows> {
  const { relation } = dialect.mapping
  const { first } = checked
  // One more than the page has tells whether there is a next one.
  const found: MadeRow[] = []
  const seen = new Set<string>()
  let cursor = checked.after
  while (found.length <= first) {
    if (seen.size > MAX_ROWS_READ)
      throw new Error(
        `relation ${relation.name}: ${MAX_ROWS_READ} rows were read for one page, because the source cannot be asked for the condition`,
      )
    const { paths, top, test } = pageRequests(options, dialect, checked, cursor, first + 1 - found.length)
    const answers = await together(paths, options.concurrency, signal, (path, signal) =>
      entitiesAt(options, dialect, path, top, signal),
    )
    const { entities, isWhole } = merged(options, dialect, answers, top)
    const rows = await rowsOf(options, dialect, entities, asOf, signal)
    refuseRepeats(
      options,
      dialect,
      rows.map(({ row }) => row),
      seen,
    )
    found.push(...rows.filter(({ row }) => test(row)))
    const last = rows.at(-1)
    if (isWhole || last === undefined) break
    cursor = cursorOf(options, dialect, last)
  }
  const last = found[first - 1]
  return {
    rows: found.slice(0, first).map(({ row }) => row),
    next: found.length > first && last !== undefined ? cursorOf(options, dialect, last) : null,
  }
}
