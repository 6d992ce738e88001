import { deepFreeze } from '../model/freeze.ts'
import type { Provenance } from '../model/provenance.ts'
import type { AnyRelation, RawRow, RowFilter } from './connector.ts'
import { type RecordOf, recordId } from './record.ts'
import type { Row, Value } from './relation.ts'
import { isVisible } from './visibility.ts'

/**
 * The border between the gateway and a restored system. Every row is checked here, once: a row of another owner than
 * was asked for is dropped, a row that is not what its relation says is rejected, and both are reported. Inside, a
 * record's type is trusted.
 */
export interface Crossing<R extends AnyRelation> {
  readonly records: readonly RecordOf<R>[]
  /** Rows that are not what the relation says; the answers they belong to must not be given. */
  readonly rejected: readonly RawRow[]
}

export interface Border {
  /** Whether the site directory has a site: a record never names one that cannot be shown. */
  isKnownSite(bpns: string): boolean
  /** Rows came back that belong to somebody else: the source's data or its mapping is wrong. Told once per read. */
  foreignRows(relation: AnyRelation, count: number): void
  /** Told once per read; `problem` is the first row's, and names columns, never values. */
  malformedRows(relation: AnyRelation, count: number, problem: string): void
}

/** Lets rows in: checks, identifies, stamps with provenance and freezes. */
export function crossBorder<R extends AnyRelation>(
  relation: R,
  rows: readonly RawRow[],
  visible: RowFilter,
  provenance: Provenance,
  border: Border,
): Crossing<R> {
  const records: RecordOf<R>[] = []
  const rejected: RawRow[] = []
  let foreign = 0
  let firstProblem = ''
  for (const row of rows) {
    const read = readRow(relation, row)
    const problem = typeof read === 'string' ? read : unknownSite(relation, read, border)
    if (typeof read === 'string' || problem !== null) {
      firstProblem ||= problem ?? ''
      rejected.push(row ?? {})
    } else if (!isVisible(read, visible)) {
      foreign++
    } else {
      const record = Object.assign(read, { id: recordId(relation, read), provenance })
      // Checked against the relation's columns just now, whose types are those of any row.
      records.push(deepFreeze(record) as unknown as RecordOf<R>)
    }
  }
  if (foreign > 0) border.foreignRows(relation, foreign)
  if (rejected.length > 0) border.malformedRows(relation, rejected.length, firstProblem)
  return { records, rejected }
}

/** The row as it is inside, made anew; or what is wrong with it, naming columns and never values. */
function readRow({ columns }: AnyRelation, row: unknown): Record<string, Value> | string {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'is no row'
  const read: Record<string, Value> = {}
  const problems: string[] = []
  for (const name in columns) {
    const column = columns[name]
    const value = (row as RawRow)[name]
    if (column?.isPlain(value)) {
      read[name] = value as Value
      continue
    }
    const parsed = column?.schema.safeParse(value)
    if (parsed?.success) read[name] = parsed.data as Value
    else for (const { path, code } of parsed?.error.issues ?? []) problems.push(`${[name, ...path].join('.')}: ${code}`)
  }
  return problems.length === 0 ? read : problems.join('; ')
}

function unknownSite(relation: AnyRelation, row: Row, border: Border): string | null {
  if (relation.sites.length === 0) return null
  const unknown = relation.sites.filter(column => typeof row[column] === 'string' && !border.isKnownSite(row[column]))
  return unknown.length === 0
    ? null
    : unknown.map(column => `${column}: names a site that the directory does not have`).join('; ')
}
