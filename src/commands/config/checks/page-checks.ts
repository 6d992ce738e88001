import { operandOf } from '../../../connectors/operand.ts'
import { comparatorOf } from '../../../connectors/ordering.ts'
import type { AnyRelation, LookupQuery, PageQuery, RowFilter } from '../../../systems/connector.ts'
import { accessColumns, columnName, type Row, type Value } from '../../../systems/relation.ts'
import { isVisible } from '../../../systems/visibility.ts'
import type { Finding } from './problem.ts'

/**
 * What a first page and a few reads after it show of a mapping: that keys name one row, that filters reach the source,
 * that pages go on where they ended. Each check asks as the gateway would. Called by the check of a relation.
 */
export interface Sample {
  readonly relation: AnyRelation
  /** Of the first page of all rows, those that are what the relation says. At least one. */
  readonly records: readonly Row[]
  /** No row of the page is missing among the records. */
  readonly isWhole: boolean
  readonly hasNextPage: boolean
  /** Null: it failed, which is told. Rows that are not what the relation says are left out of both. */
  lookup(query: LookupQuery): Promise<readonly Row[] | null>
  page(query: PageQuery): Promise<{ readonly records: readonly Row[]; readonly rows: number } | null>
}

export type PageCheck = (sample: Sample) => Promise<readonly Finding[]>

export const PAGE_CHECKS: readonly PageCheck[] = [
  keysAreUnique,
  rowsStandInOrder,
  keysFindTheirRows,
  viewersSeeTheirRows,
  nextPageGoesOn,
]

const PAGE_ROWS = 100

const ALL: RowFilter = { kind: 'all' }
/** Of all rows, whoever they belong to. */
export const FIRST_PAGE: PageQuery = { visible: ALL, where: [], after: null, first: PAGE_ROWS }

async function keysAreUnique({ relation, records }: Sample): Promise<readonly Finding[]> {
  const distinct = new Set(records.map(record => keyOf(relation, record)))
  const repeats = records.length - distinct.size
  if (repeats === 0) return []
  return [
    {
      column: null,
      what: `${repeats} of ${records.length} rows have the key (${columnList(relation.key)}) of another row`,
      remedy: 'let the mapping give one row for each key: a join in it may multiply rows',
    },
  ]
}

async function rowsStandInOrder({ relation, records }: Sample): Promise<readonly Finding[]> {
  const inOrder = records.every((record, index) => {
    const before = records[index - 1]
    return before === undefined || compareRows(relation, before, record) <= 0
  })
  if (inOrder) return []
  return [
    {
      column: null,
      what: `a page is not in the order of (${columnList(relation.order.columns)}), ${relation.order.direction}`,
      remedy: 'see that the source sorts these columns by code point and not by the rules of a language',
    },
  ]
}

async function keysFindTheirRows({ relation, records, lookup }: Sample): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const columns of relation.lookups) {
    const record = records.find(each => columns.every(column => each[column] !== null))
    if (record === undefined) continue
    const values = valuesOf(record, columns)
    const found = await lookup({ columns, keys: [values], visible: ALL })
    if (found === null) continue
    const what = faultOfLookup(relation, columns, values, found)
    if (what === null) continue
    const remedy = `see that (${columnList(columns)}) reaches the source as it stands there: type, padding and case`
    findings.push({ column: null, what: `a look-up by (${columnList(columns)}) ${what}`, remedy })
  }
  return findings
}

function faultOfLookup(
  relation: AnyRelation,
  columns: readonly string[],
  values: readonly Value[],
  found: readonly Row[],
): string | null {
  if (found.length === 0) return 'does not find the row that its values were taken from'
  const wanted = JSON.stringify(values)
  if (found.some(row => JSON.stringify(valuesOf(row, columns)) !== wanted)) return 'gives rows with other values'
  return columns === relation.key && found.length > 1 ? `gives ${found.length} rows, where a key names one` : null
}

/** As the partner, or at the site, of the first row. */
async function viewersSeeTheirRows({ relation, records, page }: Sample): Promise<readonly Finding[]> {
  const visible = filterOf(relation, records[0])
  if (visible === null) return []
  const seen = await page({ ...FIRST_PAGE, visible })
  if (seen === null) return []
  const who = visible.kind === 'owner' ? 'an owner' : 'a site'
  const remedy = `see that (${columnList(accessColumns(relation.access))}) holds the identifiers that partners are registered with, and reaches the source`
  const foreign = seen.records.filter(row => !isVisible(row, visible)).length
  if (foreign > 0) return [{ column: null, what: `a page of ${who} has ${foreign} rows of another`, remedy }]
  if (seen.rows === 0) return [{ column: null, what: `a page of ${who} that has rows is empty`, remedy }]
  return []
}

function filterOf({ access }: AnyRelation, row: Row | undefined): RowFilter | null {
  const column = access.kind === 'owned' ? access.columns[0] : access.kind === 'open' ? null : access.column
  const value = column === null ? null : row?.[column]
  if (column === null || typeof value !== 'string') return null
  return access.kind === 'owned'
    ? { kind: 'owner', columns: access.columns, value }
    : { kind: 'within', column, values: [value] }
}

/** The second half of the first page, asked for as a page of its own; then the page after the first. */
async function nextPageGoesOn({ relation, records, isWhole, hasNextPage, page }: Sample): Promise<readonly Finding[]> {
  const last = records.at(-1)
  // Where rows of the page are missing, what comes after one of them cannot be told.
  if (!isWhole || last === undefined) return []
  const after = (row: Row) => valuesOf(row, relation.order.columns)
  const finding = (what: string): readonly Finding[] => [
    {
      column: null,
      what,
      remedy: `see that (${columnList(relation.order.columns)}) is compared as it is sorted, to the last digit of a time`,
    },
  ]
  const half = Math.ceil(records.length / 2)
  const middle = records[half - 1]
  if (middle !== undefined && half < records.length) {
    const rest = await page({ ...FIRST_PAGE, after: after(middle), first: records.length - half })
    if (rest === null) return []
    const before = new Set(records.slice(0, half).map(row => keyOf(relation, row)))
    if (rest.records.some(row => before.has(keyOf(relation, row)))) return finding('a next page repeats rows')
    const [begun, expected] = [rest.records[0], records[half]]
    if (begun === undefined || (expected && keyOf(relation, begun) !== keyOf(relation, expected)))
      return finding('a next page leaves rows out')
  }
  if (!hasNextPage) return []
  const next = await page({ ...FIRST_PAGE, after: after(last) })
  if (next === null) return []
  const known = new Set(records.map(row => keyOf(relation, row)))
  if (next.records.some(row => known.has(keyOf(relation, row)))) return finding('a next page repeats rows')
  return next.rows === 0 ? finding('a next page is promised and is empty') : []
}

function compareRows(relation: AnyRelation, a: Row, b: Row): number {
  const sign = relation.order.direction === 'ascending' ? 1 : -1
  for (const name of relation.order.columns) {
    const column = relation.columns[name]
    const [x, y] = column ? [operandOf(column, a[name] ?? null), operandOf(column, b[name] ?? null)] : [null, null]
    if (!column || x === null || y === null) return 0
    const order = comparatorOf(column)(x, y)
    if (order !== 0) return sign * order
  }
  return 0
}

function valuesOf(row: Row, columns: readonly string[]): readonly Value[] {
  return columns.map(column => row[column] ?? null)
}

function keyOf(relation: AnyRelation, row: Row): string {
  return JSON.stringify(valuesOf(row, relation.key))
}

function columnList(columns: readonly string[]): string {
  return columns.map(columnName).join(', ')
}
