import type { z } from 'zod'
import { deepFreeze } from '../model/freeze.ts'
import type { Provenance } from '../model/provenance.ts'
import type { AnyRelation, RawRow, RowFilter } from './connector.ts'
import { type RecordOf, recordId } from './record.ts'
import type { Row } from './relation.ts'
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
    const parsed = relation.schema.safeParse(row)
    const problem = parsed.success ? unknownSite(relation, parsed.data, border) : problemsOf(parsed.error)
    if (!parsed.success || problem !== null) {
      firstProblem ||= problem ?? ''
      rejected.push(row ?? {})
    } else if (!isVisible(parsed.data, visible)) {
      foreign++
    } else {
      const record = { ...parsed.data, id: recordId(relation, parsed.data), provenance }
      // Checked by the relation's own schema just now, whose type is that of any row.
      records.push(deepFreeze(record) as unknown as RecordOf<R>)
    }
  }
  if (foreign > 0) border.foreignRows(relation, foreign)
  if (rejected.length > 0) border.malformedRows(relation, rejected.length, firstProblem)
  return { records, rejected }
}

/** Names columns and what is wrong with them, never values. */
function problemsOf(error: z.ZodError): string {
  return error.issues.map(issue => `${issue.path.join('.')}: ${issue.code}`).join('; ')
}

function unknownSite(relation: AnyRelation, row: Row, border: Border): string | null {
  const unknown = relation.sites.filter(column => typeof row[column] === 'string' && !border.isKnownSite(row[column]))
  return unknown.length === 0
    ? null
    : unknown.map(column => `${column}: names a site that the directory does not have`).join('; ')
}
