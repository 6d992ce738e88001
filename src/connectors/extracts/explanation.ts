import type { AnyRelation } from '../../systems/connector.ts'
import type { Read } from '../mapped-connector.ts'
import { checkedLookup, checkedPage } from '../query.ts'
import type { Statement } from './conditions.ts'
import { type RelationMapping, sourceOf } from './mapping.ts'
import { lookupStatement, pagePlan } from './statements.ts'

/** The SQL of a read for people: where its rows come from, its text, and what stands in each parameter, as comments. */
export function explanation(relation: AnyRelation, mapping: RelationMapping, read: Read): readonly string[] {
  return statementsOf(relation, read).map(({ sql, values }) =>
    [
      `-- ${sourceOf(relation, mapping)}, loaded into SQLite`,
      sql,
      ...values.map((value, index) => `-- ?${index + 1} = ${value}`),
    ].join('\n'),
  )
}

/** Empty where no row can match, which asks nothing. */
function statementsOf(relation: AnyRelation, { kind, query }: Read): readonly Statement[] {
  if (kind === 'lookup') {
    const checked = checkedLookup(relation, query)
    return checked === null ? [] : [lookupStatement(relation, checked)]
  }
  const checked = checkedPage(relation, query)
  if (checked === null) return []
  const { scans, gather, wanted } = pagePlan(relation, checked)
  return [...scans, { sql: gather, values: ['[the rows that passed]', wanted] }]
}
