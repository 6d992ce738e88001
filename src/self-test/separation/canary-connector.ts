import type { AnyRelation, Connector, RowFilter } from '../../systems/connector.ts'
import type { Row } from '../../systems/relation.ts'
import { isVisible } from '../../systems/visibility.ts'
import { CANARIES } from './canary.ts'
import { canaryRows } from './canary-rows.ts'

/**
 * A source of the self-test: rows in memory, and a time of its data that differs with who may see the rows, so that
 * provenance bears a stamp too. It narrows by who may see and by keys, and by no other condition: a canary has one row.
 */
export function createCanaryConnector(relations: readonly AnyRelation[]): Connector {
  const rows = new Map(relations.map(relation => [relation.name, canaryRows(relation)]))
  const visibleIn = ({ name }: AnyRelation, visible: RowFilter): readonly Row[] =>
    (rows.get(name) ?? []).filter(row => isVisible(row, visible))
  return {
    async lookup(relation, { columns, keys, visible }) {
      const wanted = new Set(keys.map(key => JSON.stringify(key)))
      const found = visibleIn(relation, visible).filter(row =>
        wanted.has(JSON.stringify(columns.map(column => row[column]))),
      )
      return { rows: found, asOf: asOf(visible) }
    },
    async page(relation, { visible }) {
      return { rows: visibleIn(relation, visible), hasNextPage: false, asOf: asOf(visible) }
    },
    async totals() {
      throw new Error('nobody counts the rows of the self-test')
    },
    freshness: async () => asOf({ kind: 'all' }),
    probe: async () => {},
    warning: () => null,
    close: async () => {},
  }
}

function asOf(visible: RowFilter): string {
  const seen = CANARIES.find(({ bpnl, site }) => {
    if (visible.kind === 'owner') return visible.value === bpnl
    return visible.kind === 'within' && visible.values.includes(site)
  })
  return `${seen?.stamp.day ?? '2001-01-01'}T12:00:00.000Z`
}
