import type { AnyRelation, RawRow, RowFilter } from './connector.ts'
import type { Grant } from './relation.ts'

/**
 * Turns what a viewer was granted into the row filter that goes to the source, and checks what comes back against it.
 * Fails closed: a grant that does not fit the relation's access shows nothing.
 */

/** The filter for a read, or null where the grant shows no row at all. */
export function visibleRows(relation: AnyRelation, grant: Grant): RowFilter | null {
  const { access } = relation
  const facts: { owner?: string; sites?: readonly string[]; roles?: readonly string[] } = grant
  switch (access.kind) {
    case 'open':
      return { kind: 'all' }
    case 'owned':
      return facts.owner ? { kind: 'owner', columns: access.columns, value: facts.owner } : null
    case 'privileged':
      if (!access.roles.some(role => facts.roles?.includes(role))) return null
      return within(access.column, facts.sites)
    case 'sited':
      return within(access.column, facts.sites)
    default:
      return access satisfies never
  }
}

function within(column: string, values: readonly string[] | undefined): RowFilter | null {
  return values && values.length > 0 ? { kind: 'within', column, values } : null
}

/** Whether a row that came back is one that was asked for. */
export function isVisible(row: RawRow, filter: RowFilter): boolean {
  switch (filter.kind) {
    case 'all':
      return true
    case 'owner':
      return filter.columns.some(column => row[column] === filter.value)
    case 'within':
      return filter.values.includes(String(row[filter.column]))
    default:
      return filter satisfies never
  }
}
