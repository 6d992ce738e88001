import type { AnyRelation } from '../../systems/connector.ts'
import { columnName } from '../../systems/relation.ts'
import type { Operand } from '../operand.ts'
import { type CheckedLookup, type CheckedPage, type NamedColumn, namedColumn, type Visibility } from '../query.ts'
import { comparisonTest, jsonOperand, keyPart, type Statement, visibleTest } from './conditions.ts'
import { accessOrder, columnList, indexBeginning, LINE, quoted, ROW, storedOperand } from './layout.ts'

/**
 * The SQL of reads. Called by `connector.ts` to read and by `explanation.ts` to show; runs nothing.
 *
 * A page is found in two steps: each scan goes through rows in the relation's order, an index's, and says of each
 * whether it passes; the first `wanted` that do, of all scans together, are then gathered. A scan can stop anywhere, so
 * one that has much to pass over holds nobody up.
 */
export interface PagePlan {
  /** Each gives two columns: a row id, and whether the row passes. */
  readonly scans: readonly Statement[]
  /** Takes a JSON array of row ids, then how many rows. */
  readonly gather: string
  readonly wanted: number
}

/** With more sites than this, most rows are visible, and one scan of all is quicker than one for each. */
const MOST_SCANS = 64

/** One statement for any number of keys; the keys stand in one JSON array. */
export function lookupStatement(relation: AnyRelation, { columns, keys, visible }: CheckedLookup): Statement {
  const names = columns.map(({ name }) => name)
  const { name: index } = indexBeginning(relation, names)
  const equal = columns.map(
    ({ name, column }, position) => `t.${quoted(columnName(name))} = ${keyPart(column, position)}`,
  )
  const shown = visible === 'all' ? null : visibleTest(visible, 't.')
  // CROSS JOIN: SQLite keeps to this order, a key after the other.
  const sql =
    `SELECT t.${ROW} FROM json_each(?) k CROSS JOIN ${quoted(relation.name)} t INDEXED BY ${quoted(index)} ` +
    `WHERE ${[...equal, ...(shown ? [shown.sql] : [])].join(' AND ')}`
  const listed = keys.map(key => columns.map(({ column }, position) => jsonOperand(column, key[position] as Operand)))
  return { sql, values: [JSON.stringify(listed), ...(shown?.values ?? [])] }
}

export function pagePlan(relation: AnyRelation, { visible, where, after, first }: CheckedPage): PagePlan {
  const tests = where.map(comparisonTest)
  return {
    scans: scansOf(relation, visible, tests, after),
    gather:
      `SELECT ${ROW} FROM ${quoted(relation.name)} WHERE rowid IN (SELECT value FROM json_each(?)) ` +
      `ORDER BY ${orderList(relation, relation.order.columns)} LIMIT ?`,
    wanted: first + 1,
  }
}

function scansOf(
  relation: AnyRelation,
  visible: Visibility | 'all',
  tests: readonly Statement[],
  after: readonly Operand[] | null,
): readonly Statement[] {
  const { columns, direction } = relation.order
  const keyset = after?.map((operand, n) => ({ ...namedColumn(relation, columns[n] ?? ''), operand })) ?? []
  if (visible === 'all') return [scan(relation, columns, null, tests, keyset, direction)]
  const pairs = visible.columns.flatMap(column => visible.operands.map(operand => ({ ...column, operand })))
  if (pairs.length > MOST_SCANS)
    return [scan(relation, columns, null, [...tests, visibleTest(visible)], keyset, direction)]
  return pairs.map(pair => scan(relation, accessOrder(relation, pair.name), pair, tests, keyset, direction))
}

interface Bound extends NamedColumn {
  readonly operand: Operand
}

function scan(
  relation: AnyRelation,
  indexed: readonly string[],
  holder: Bound | null,
  tests: readonly Statement[],
  keyset: readonly Bound[],
  direction: 'ascending' | 'descending',
): Statement {
  // What equals the same value in the row and in the cursor decides nothing, and would keep the index from seeking.
  const bounds = keyset.filter(({ name, operand }) => name !== holder?.name || operand !== holder.operand)
  const beyond = direction === 'ascending' ? '>' : '<'
  const conditions: Statement[] = [
    ...(holder
      ? [{ sql: `${columnList([holder.name])} = ?`, values: [storedOperand(holder.column, holder.operand)] }]
      : []),
    ...(bounds.length > 0
      ? [
          {
            sql: `(${columnList(bounds.map(({ name }) => name)).join(', ')}) ${beyond} (${bounds.map(() => '?').join(', ')})`,
            values: bounds.map(({ column, operand }) => storedOperand(column, operand)),
          },
        ]
      : []),
  ]
  const passes = tests.length > 0 ? tests.map(({ sql }) => sql).join(' AND ') : '1'
  const { name: index } = indexBeginning(relation, indexed)
  return {
    sql:
      `SELECT rowid, ${passes} FROM ${quoted(relation.name)} INDEXED BY ${quoted(index)}` +
      `${conditions.length > 0 ? ` WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}` : ''}` +
      ` ORDER BY ${orderList(relation, indexed)}`,
    values: [...tests, ...conditions].flatMap(({ values }) => values),
  }
}

/** The second row with a key that another has, the first of them in the files: for the refusal that names it. */
export function duplicateStatement(relation: AnyRelation): string {
  const table = quoted(relation.name)
  const same = columnList(relation.key).map(column => `other.${column} = this.${column}`)
  return (
    `SELECT rowid AS position, ${LINE} AS line FROM ${table} this WHERE EXISTS ` +
    `(SELECT 1 FROM ${table} other WHERE ${same.join(' AND ')} AND other.rowid < this.rowid) ORDER BY rowid LIMIT 1`
  )
}

function orderList(relation: AnyRelation, columns: readonly string[]): string {
  const direction = relation.order.direction === 'ascending' ? 'ASC' : 'DESC'
  return columnList(columns)
    .map(column => `${column} ${direction}`)
    .join(', ')
}
