import type { RawRow } from '../../systems/connector.ts'
import { columnName, type Row } from '../../systems/relation.ts'
import type { CheckedLookup } from '../query.ts'
import { visibilityTest } from '../row-test.ts'
import { all, any, type Expression } from './expression.ts'
import { type Dialect, pushEqual, pushVisibility } from './filter.ts'
import { pathFor, queryOf, type ReadingOptions, refuseRepeats, rowsOf } from './reading.ts'
import { chunksOf, type Query } from './requests.ts'
import { entityPages } from './service.ts'
import { together } from './together.ts'

/**
 * Lookups of relations that an entity set holds: all keys, in as few requests as URLs have room for. Called by the
 * connector. What the service cannot be asked is tested on the rows.
 */

/** The paths of a lookup's requests, and the test for what they cannot ask. */
export function lookupRequests(options: ReadingOptions, dialect: Dialect, lookup: CheckedLookup) {
  const visible = pushVisibility(dialect, lookup.visible)
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
  const filterOf = (chunk: Expression) => all([visible ?? true, chunk])
  const room = roomFor(options, dialect, { ...query, filter: filterOf('()') })
  const asked = visible === false ? [] : conditions.filter(condition => condition !== false)
  const paths = chunksOf(asked, room).map(chunk =>
    pathFor(options, dialect, { ...query, filter: filterOf(any(chunk)) }),
  )
  const wanted = new Set(lookup.keys.map(key => JSON.stringify(key)))
  const isVisible = visible === null ? visibilityTest(lookup.visible) : () => true
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
    const rows: RawRow[] = []
    for await (const page of entityPages(options, dialect.mapping.service, path, null, signal))
      rows.push(...(await rowsOf(options, dialect, page, asOf, signal)))
    return rows
  })
  const rows = chunks.flat()
  refuseRepeats(options, dialect, rows, new Set())
  return rows.filter(test)
}

function roomFor(options: ReadingOptions, dialect: Dialect, query: Query): number {
  const path = pathFor(options, dialect, query) ?? ''
  return options.maxUrlLength - options.client.urlOf(dialect.mapping.service, path).length
}

function namesOf({ columns }: CheckedLookup): string {
  return columns.map(({ name }) => columnName(name)).join(', ')
}
