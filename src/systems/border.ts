import { deepFreeze } from '../model/freeze.ts'
import type { Provenance } from '../model/provenance.ts'
import type { AnyRelation, RawRow, RowFilter } from './connector.ts'
import { type RecordOf, recordId } from './record.ts'
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

export interface BorderReport {
  /** A row came back that belongs to somebody else: the source's data or its mapping is wrong. */
  foreignRow(relation: AnyRelation): void
  /** `problem` names columns, never values. */
  malformedRow(relation: AnyRelation, problem: string): void
}

/** Lets rows in: checks, identifies, stamps with provenance and freezes. */
export function crossBorder<R extends AnyRelation>(
  relation: R,
  rows: readonly RawRow[],
  visible: RowFilter,
  provenance: Provenance,
  report: BorderReport,
): Crossing<R> {
  const records: RecordOf<R>[] = []
  const rejected: RawRow[] = []
  for (const row of rows) {
    const parsed = relation.schema.safeParse(row)
    if (!parsed.success) {
      report.malformedRow(
        relation,
        parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.code}`).join('; '),
      )
      rejected.push(row ?? {})
    } else if (!isVisible(parsed.data, visible)) {
      report.foreignRow(relation)
    } else {
      const record = { ...parsed.data, id: recordId(relation, parsed.data), provenance }
      records.push(deepFreeze(record) as unknown as RecordOf<R>)
    }
  }
  return { records, rejected }
}
