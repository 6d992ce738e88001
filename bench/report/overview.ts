import type { Outcome, OutcomeTable } from './outcome.ts'
import { type Bar, type BarPanel, renderBars } from './svg.ts'

/** The chart of a whole run: for each comparison the variants side by side, drawn from the tables that people read. */

const LIMITS: readonly string[] = ['fastify', 'node-http', 'nginx']

/** Which column of which table is drawn; a table that was not measured is left out. */
const PANELS = [
  { title: 'All hits: ten parts, one hot set', column: 'requests/s', unit: 'requests/s' },
  { title: 'All misses: ten parts, ever others', column: 'requests/s', unit: 'requests/s' },
  { title: 'All misses: the mix of the morning', column: 'requests/s', unit: 'requests/s' },
  { title: 'Retail morning, ', column: 'p99', unit: 'ms, p99' },
] as const

export function renderOverview(outcomes: readonly Outcome[]): string {
  const tables = outcomes.flatMap(({ tables }) => tables)
  return renderBars(
    PANELS.flatMap(({ title, column, unit }): readonly BarPanel[] => {
      const table = tables.find(candidate => candidate.title.startsWith(title))
      return table === undefined ? [] : [{ title: table.title, unit, bars: barsOf(table, column) }]
    }),
  )
}

function barsOf({ columns, rows }: OutcomeTable, column: string): readonly Bar[] {
  const index = columns.indexOf(column)
  return rows.map(([label = '', ...rest]) => ({
    label,
    value: Number((rest[index - 1] ?? '0').replaceAll(',', '')),
    kind: label === 'gateway' ? 'ours' : LIMITS.includes(label) ? 'limit' : 'peer',
  }))
}
