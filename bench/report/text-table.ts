import type { Figure, OutcomeTable } from './outcome.ts'

/** Tables in the terminal and in Markdown. Called at the end of a run; wraps nothing and colours nothing. */

const GAP = '  '

/** Columns as wide as their widest cell: the first to the left, numbers to the right. Ends with a line feed. */
export function renderTextTable({ title, columns, rows }: OutcomeTable): string {
  const lines = [columns, ...rows]
  const widths = columns.map((_, column) => Math.max(...lines.map(cells => cells[column]?.length ?? 0)))
  const drawn = lines.map(cells =>
    widths
      .map((width, column) => {
        const cell = cells[column] ?? ''
        return column === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join(GAP)
      .trimEnd(),
  )
  return `${[title, ...drawn.map(line => GAP + line)].join('\n')}\n`
}

export function renderMarkdownTable({ columns, rows }: Omit<OutcomeTable, 'title'>): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  const rule = columns.map((_, column) => (column === 0 ? '---' : '--:'))
  return [columns, rule, ...rows].map(line).join('')
}

/** The rows of performance figures, as a table. */
export function figuresTable(figures: readonly Figure[]): OutcomeTable {
  return {
    title: 'Figures to reach',
    columns: ['what', 'ours', 'against', 'ratio', 'to reach', 'reached'],
    rows: figures.map(({ what, ours, against, ratio, reach, reached }) => [
      ...[what, ours, against, ratio, reach],
      reached === null ? 'not measured' : reached ? 'yes' : 'no',
    ]),
  }
}
