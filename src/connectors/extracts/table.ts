import { sumOf } from '../../model/decimal.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { accessColumns, type Row } from '../../systems/relation.ts'
import type { Operand } from '../operand.ts'
import { type Compare, comparatorOf } from '../ordering.ts'
import { type CheckedLookup, type CheckedPage, namedColumn, type Visibility } from '../query.ts'
import { comparisonTest, visibilityTest } from '../row-test.ts'
import { pause, SLICE, sortInSlices } from './ordering.ts'

/**
 * One relation of a drop, in memory: its rows in the relation's order, indexed by its lookups and by owner or site.
 * Built by `drop.ts`, read by `connector.ts`; never changed once it is finished.
 */
export interface Table {
  readonly relation: AnyRelation
  readonly totals: { readonly rows: number; readonly sums: Readonly<Record<string, string>> }
  lookup(query: CheckedLookup): readonly Row[]
  page(query: CheckedPage): { readonly rows: readonly Row[]; readonly hasNextPage: boolean }
}

export interface TableBuilder {
  /** False where a row with the same key is there already. */
  add(row: Row): boolean
  finish(signal: AbortSignal): Promise<Table>
}

type Index = Map<string, Row[]>

export function createTableBuilder(relation: AnyRelation): TableBuilder {
  const rows: Row[] = []
  const indexes = new Map<string, Index>(relation.lookups.map(columns => [columns.join(), new Map()]))
  const sums: Record<string, string> = Object.fromEntries(relation.sums.map(name => [name, '0']))
  return {
    add(row) {
      if (indexes.get(relation.key.join())?.has(indexKey(row, relation.key))) return false
      rows.push(row)
      for (const columns of relation.lookups) {
        // Null equals nothing, so no key finds it.
        if (columns.every(name => row[name] !== null))
          entry(indexes.get(columns.join()) ?? new Map(), indexKey(row, columns)).push(row)
      }
      for (const name of relation.sums) {
        const value = row[name] ?? null
        if (value !== null) sums[name] = sumOf([sums[name] ?? '0', String(value)])
      }
      return true
    },
    async finish(signal) {
      const compare = rowOrder(relation)
      const ordered = await sortInSlices(rows, compare, signal)
      const visible = await indexByAccess(relation, ordered, signal)
      return tableOf(relation, ordered, indexes, visible, { rows: rows.length, sums })
    },
  }
}

function tableOf(
  relation: AnyRelation,
  ordered: readonly Row[],
  indexes: ReadonlyMap<string, Index>,
  byAccess: Index,
  totals: Table['totals'],
): Table {
  const compareKeyset = keysetOrder(relation)

  /** The fewest rows that hold every visible one, in order. */
  function candidates(visible: Visibility | 'all'): readonly Row[] {
    if (visible === 'all' || visible.operands.length > 1) return ordered
    const names = visible.columns.map(({ name }) => name).join()
    return names === accessColumns(relation.access).join() ? (byAccess.get(String(visible.operands[0])) ?? []) : ordered
  }

  return {
    relation,
    totals,
    lookup({ columns, keys, visible }) {
      const index = indexes.get(columns.map(({ name }) => name).join())
      const shown = visibilityTest(visible)
      return keys.flatMap(key => index?.get(JSON.stringify(key)) ?? []).filter(shown)
    },
    page({ visible, where, after, first }) {
      const all = candidates(visible)
      const tests = [visibilityTest(visible), ...where.map(comparisonTest)]
      const rows: Row[] = []
      const start = after === null ? 0 : firstBeyond(all, row => compareKeyset(row, after) > 0)
      for (let index = start; index < all.length && rows.length <= first; index += 1) {
        const row = all[index]
        if (row !== undefined && tests.every(test => test(row))) rows.push(row)
      }
      return { rows: rows.slice(0, first), hasNextPage: rows.length > first }
    },
  }
}

async function indexByAccess(relation: AnyRelation, rows: readonly Row[], signal: AbortSignal): Promise<Index> {
  const index: Index = new Map()
  const columns = accessColumns(relation.access)
  for (const [position, row] of rows.entries()) {
    for (const value of new Set(columns.map(name => String(row[name])))) entry(index, value).push(row)
    if (position % SLICE === 0) await pause(signal)
  }
  return index
}

function entry(index: Index, key: string): Row[] {
  const found = index.get(key) ?? []
  index.set(key, found)
  return found
}

function indexKey(row: Row, columns: readonly string[]): string {
  return JSON.stringify(columns.map(name => row[name]))
}

function rowOrder(relation: AnyRelation): Compare<Row> {
  const compare = keysetOrder(relation)
  return (a, b) =>
    compare(
      a,
      relation.order.columns.map(name => b[name] as Operand),
    )
}

/** Compares a row with the values of the order's columns; positive where the row comes later. */
function keysetOrder(relation: AnyRelation): (row: Row, keyset: readonly Operand[]) => number {
  const sign = relation.order.direction === 'ascending' ? 1 : -1
  const columns = relation.order.columns.map(name => ({
    name,
    compare: comparatorOf(namedColumn(relation, name).column),
  }))
  return (row, keyset) => {
    for (const [index, { name, compare }] of columns.entries()) {
      const difference = compare(row[name] as Operand, keyset[index] as Operand)
      if (difference !== 0) return sign * difference
    }
    return 0
  }
}

/** Binary search for the first row that the test holds for; it must hold for all rows after it. */
function firstBeyond(rows: readonly Row[], isBeyond: (row: Row) => boolean): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const row = rows[middle]
    if (row !== undefined && isBeyond(row)) high = middle
    else low = middle + 1
  }
  return low
}
