import type { RawRow } from '../../systems/connector.ts'
import { columnName, type Row } from '../../systems/relation.ts'
import type { CheckedLookup } from '../query.ts'
import { visibilityTest } from '../row-test.ts'
import { all, any, type Expression, expressionText } from './expression.ts'
import { type Dialect, pushEqual, pushVisibility } from './filter.ts'
import { entitiesAt, pathFor, queryOf, type ReadingOptions, refuseRepeats, roomFor, rowsOf } from './reading.ts'
import { chunksOf, lengthOf } from './requests.ts'
import { together } from './together.ts'

/**
 * Lookups of relations that an entity set holds: all keys, in as few requests as URLs have room for. Called by the
 * connector. What the service cannot be asked is tested on the rows.
 */

/** The paths of a lookup's requests, and the test for what they cannot ask. */
export function lookupRequests(options: ReadingOptions, dialect: Dialect, lookup: CheckedLookup) {
  const alternatives = pushVisibility(dialect, lookup.visible)
  let complete = true
  const conditions = lookup.keys.map(key =>
    all(
      lookup.columns.map(({ name, column }, index) => {
        const pushed = pushEqual(dialect, name, column, [key[index] ?? ''])
        complete &&= pushed.complete
        return pushed.expression
      }),
    ),
  )
  const { relation } = dialect.mapping
  if (conditions.includes(true))
    throw new Error(`relation ${relation.name}: the source cannot look up rows by ${namesOf(lookup)}`)
  const query = { ...queryOf(dialect), order: '', top: null }
  const roomBeside = (visible: Expression) => roomFor(options, dialect, { ...query, filter: all([visible, '()']) })
  const asked = alternatives?.length === 0 ? [] : distinct(conditions)
  const visible = alternatives === null ? null : any(alternatives)
  // Keys find few rows. Visibility that leaves them little room would only be sent again and again.
  const least = Math.max(roomBeside(true) / 2, ...asked.map(lengthOf))
  const isAsked = visible !== null && roomBeside(visible) >= least
  const beside = isAsked ? visible : true
  const paths = chunksOf(asked, roomBeside(beside)).map(chunk =>
    pathFor(options, dialect, { ...query, filter: all([beside, any(chunk)]) }),
  )
  const wanted = new Set(lookup.keys.map(key => JSON.stringify(key)))
  const isVisible = isAsked ? () => true : visibilityTest(lookup.visible)
  return {
    paths: paths.filter(path => path !== null),
    test: (row: RawRow) =>
      isVisible(row as Row) && (complete || wanted.has(JSON.stringify(lookup.columns.map(({ name }) => row[name])))),
  }
}

export async function lookup(
  options: ReadingOptions,
  dialect: Dialect,
  checked: CheckedLookup,
  asOf: string,
  signal: AbortSignal,
): Promise<readonly RawRow[]> {
  const { paths, test } = lookupRequests(options, dialect, checked)
  const chunks = await together(paths, options.concurrency, signal, async (path, signal) => {
    const entities = await entitiesAt(options, dialect, path, null, signal)
    return rowsOf(options, dialect, entities, asOf, signal)
  })
  const rows = chunks.flat().map(({ row }) => row)
  refuseRepeats(options, dialect, rows, new Set())
  return rows.filter(test)
}

/** Each condition once: keys that differ only in what cannot be asked would find the same rows twice. */
function distinct(conditions: readonly Expression[]): readonly Expression[] {
  const open = conditions.filter(condition => typeof condition !== 'boolean')
  return [...new Map(open.map(condition => [expressionText(condition), condition])).values()]
}

function namesOf({ columns }: CheckedLookup): string {
  return columns.map(({ name }) => columnName(name)).join(', ')
}
