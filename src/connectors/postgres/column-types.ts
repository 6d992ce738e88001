import type { Column, ColumnKind } from '../../systems/columns.ts'
import { columnName } from '../../systems/relation.ts'
import type { SqlColumn } from './sql-client.ts'

/**
 * Which of PostgreSQL's types a column may have, so that the drivers deliver what the border accepts, and how to come by
 * them. A domain counts as the type under it. Called by `inspection.ts`.
 */

/** Type OIDs, which are the same in every PostgreSQL (`pg_type.dat`). */
export const OID = {
  boolean: 16,
  bigint: 20,
  smallint: 21,
  integer: 23,
  text: 25,
  texts: 1009,
  char: 1042,
  varchar: 1043,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
} as const

const ACCEPTED: Readonly<Record<ColumnKind, readonly number[]>> = {
  text: [OID.text, OID.varchar],
  integer: [OID.integer, OID.bigint, OID.smallint],
  decimal: [OID.numeric],
  date: [OID.date],
  timestamp: [OID.timestamptz],
  boolean: [OID.boolean],
  texts: [OID.texts],
}

const REMEDIES: Readonly<Record<ColumnKind, string>> = {
  text: 'cast it: ::varchar',
  integer: 'cast it: ::integer',
  decimal: 'cast it: ::numeric',
  date: 'cast it: ::date',
  timestamp: 'cast it: ::timestamptz',
  boolean: "compare it, such as = 'X'",
  texts: 'make it a text[]',
}

export interface ColumnProblem {
  readonly text: string
  /** What came instead, to be named after the text; null: nothing did. */
  readonly found: SqlColumn | null
  readonly remedy: string
}

/** What is wrong with a column of a relation, given all that its source has; null: nothing. */
export function columnProblem(property: string, column: Column, present: readonly SqlColumn[]): ColumnProblem | null {
  const name = columnName(property)
  const named = present.filter(each => each.name === name)
  const [found] = named
  const problem = (text: string) => ({ text: `column ${name}: ${text}`, found: null, remedy: '' })
  if (found === undefined) {
    const other = present.find(each => each.name.toLowerCase() === name)
    return problem(
      `expected ${column.sqlType}, there is no such column${other ? `, only "${other.name}": name it AS ${name}` : ''}`,
    )
  }
  if (named.length > 1) return problem(`there are ${named.length} columns of this name`)
  if (isAccepted(column, found)) return null
  const remedy =
    column.kind === 'timestamp' && found.typeId === OID.timestamp
      ? "say which zone its times are in: AT TIME ZONE 'Europe/London'"
      : REMEDIES[column.kind]
  return { text: `column ${name}: expected ${column.sqlType}`, found, remedy }
}

/** Lengths and scales are the border's business: it checks values. But text that is padded to another length is never right. */
function isAccepted({ kind, sqlType }: Column, { typeId, typeModifier }: SqlColumn): boolean {
  if (ACCEPTED[kind].includes(typeId)) return true
  if (typeId !== OID.char) return false
  const length = typeModifier === null ? '' : lengthOf(typeModifier)
  return length === '' ? sqlType.startsWith('char(') : sqlType === `char(${length})`
}

/** A modifier is the length and the four bytes of a header; -1 is none. */
function lengthOf(typeModifier: number): string {
  return typeModifier < 0 ? '' : String(typeModifier - 4)
}
