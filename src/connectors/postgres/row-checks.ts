import type { GatewayError } from '../../model/errors.ts'
import { tupleOf } from '../../model/key.ts'
import type { AnyRelation, RawRow } from '../../systems/connector.ts'
import { invalidData } from '../../systems/invalid-data.ts'
import { columnName } from '../../systems/relation.ts'
import { SqlError } from './sql-client.ts'

/** What the rows of one answer must hold together, which the border, row by row, cannot see. Called by `connector.ts`. */

/** Two rows of one key: which of them is true nobody knows. Throws `SYSTEM_DATA_INVALID`. */
export function refuseTwins(relation: AnyRelation, rows: readonly RawRow[]): void {
  const keys = new Set(rows.map(row => tupleOf(relation.key.map(name => row[name]))))
  if (keys.size < rows.length)
    throw invalidRows(relation, `several rows have the same key (${relation.key.map(columnName).join(', ')})`)
}

const MILLISECONDS = '2025-10-08T05:30:00.000Z'.length

/**
 * Inside the gateway a time has milliseconds. Where the order's times are finer, a cursor falls between two rows of
 * one millisecond and the next page silently repeats or loses rows: better no page than that one.
 */
export function refuseFineTimes(relation: AnyRelation, rows: readonly RawRow[]): void {
  for (const name of relation.order.columns) {
    if (relation.columns[name]?.kind !== 'timestamp') continue
    if (rows.some(row => String(row[name]).length > MILLISECONDS))
      throw new Error(
        `relation ${relation.name} is paged by ${columnName(name)}, which is finer than milliseconds: map it as timestamptz(3)`,
      )
  }
}

/** Cardinality violation and data exception: rows that the site's SELECT cannot turn into what it promises. */
const ABOUT_ROWS = /^2[12]/

/** A server's refusal that comes from the rows is no outage: asking again would not help. */
export function readError(relation: AnyRelation, thrown: unknown): unknown {
  return thrown instanceof SqlError && ABOUT_ROWS.test(thrown.sqlState) ? invalidRows(relation, thrown.message) : thrown
}

function invalidRows({ system, name }: AnyRelation, reason: string): GatewayError {
  return invalidData(system, new Error(`relation ${name}: ${reason}`))
}
