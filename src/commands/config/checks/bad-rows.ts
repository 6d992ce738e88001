import type { z } from 'zod'
import type { AnyRelation, RawRow } from '../../../systems/connector.ts'
import { columnName, type Row } from '../../../systems/relation.ts'
import { counted } from '../../wording.ts'
import type { Finding } from './problem.ts'

/**
 * The border's checks on the rows of a page, column by column: what is wrong, in how many rows, and never what stands
 * there. Called by the check of a relation.
 */
export interface SiftedRows {
  /** Rows that are what the relation says, as the gateway would hold them. */
  readonly records: readonly Row[]
  readonly findings: readonly Finding[]
}

export interface SiteFile {
  readonly file: string
  has(bpns: string): boolean
}

/** `sites` null: there is no directory to hold them against. */
export function siftRows(relation: AnyRelation, rows: readonly RawRow[], sites: SiteFile | null): SiftedRows {
  const records: Row[] = []
  const counts = new Map<string, { readonly finding: Finding; count: number }>()
  for (const row of rows) {
    const parsed = relation.schema.safeParse(row)
    const faults = parsed.success ? unknownSites(relation, parsed.data, sites) : faultsOf(relation, parsed.error, row)
    if (parsed.success && faults.length === 0) records.push(parsed.data)
    // A row may have the same fault twice, as a list of codes may.
    for (const [name, finding] of new Map(faults.map(fault => [`${fault.column}\n${fault.what}`, fault]))) {
      const known = counts.get(name)
      if (known) known.count += 1
      else counts.set(name, { finding, count: 1 })
    }
  }
  const looked = counted(rows.length, 'row')
  const findings = [...counts.values()].map(({ finding, count }) => ({
    ...finding,
    what: `${finding.what} in ${count} of the first ${looked}`,
  }))
  return { records, findings }
}

function unknownSites(relation: AnyRelation, row: Row, sites: SiteFile | null): readonly Finding[] {
  return relation.sites
    .filter(column => sites !== null && typeof row[column] === 'string' && !sites.has(row[column]))
    .map(column => ({
      column: columnName(column),
      what: 'names a site that the site directory does not have',
      remedy: `add the site to ${sites?.file}, or leave its rows out of the mapping`,
    }))
}

function faultsOf(relation: AnyRelation, error: z.ZodError, row: RawRow): readonly Finding[] {
  return error.issues.map(issue => {
    const property = String(issue.path[0] ?? '')
    const column = columnName(property)
    const sqlType = relation.columns[property]?.sqlType ?? 'a value'
    return { column, ...faultOf(issue, row[property], sqlType) }
  })
}

const MEND = 'mend it in the mapping or in the source'

/** zod's own messages name what is expected and never what was met; ours say it in the words of the relation. */
function faultOf(issue: z.core.$ZodIssue, value: unknown, sqlType: string): Omit<Finding, 'column'> {
  if (value === null) return { what: 'is null', remedy: 'give it a value in the mapping, or leave such rows out' }
  if (value === undefined) return { what: 'is missing', remedy: 'give the column in the mapping' }
  switch (issue.code) {
    case 'invalid_type':
      return { what: `is ${kindOf(value)}, expected ${sqlType}`, remedy: MEND }
    case 'invalid_value':
      return { what: 'is a code that the relation does not have', remedy: `map it to ${issue.values.join(', ')}` }
    case 'too_big':
      return { what: `is longer or larger than ${sqlType}`, remedy: MEND }
    case 'too_small':
      return value === ''
        ? { what: 'is empty', remedy: 'map empty text to null, or to a value where there must be one' }
        : { what: `is shorter or smaller than ${sqlType}`, remedy: MEND }
    default:
      return { what: issue.message.startsWith('is not ') ? issue.message : `is no ${sqlType}`, remedy: MEND }
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return value instanceof Date ? 'a date' : `of type ${typeof value}`
}
