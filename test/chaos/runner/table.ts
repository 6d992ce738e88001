import type { KeptResult } from './results.ts'
import type { Row } from './rows.ts'

/** The table of results: a row each, its cells wrapped to their column. Called by main.ts; colours nothing. */
const WIDTHS = [3, 21, 30, 30, 54, 8, 19]
const HEADER = ['#', 'row', 'what', 'pass', 'measured', 'result', 'when, of what']
const GAP = '  '

export function renderTable(results: readonly KeptResult[]): string {
  const rule = WIDTHS.map(width => '─'.repeat(width)).join('──')
  const rows = results.map(result => wrapped(cellsOf(result)))
  return [wrapped(HEADER), rule, ...rows.flatMap(row => [row, rule]), ''].join('\n')
}

export function renderList(rows: readonly Row[]): string {
  return rows
    .map(({ number, name, what, pass }) => `${String(number).padStart(2)}  ${name}\n    ${what}\n    pass: ${pass}\n`)
    .join('')
}

function cellsOf({ row, outcome, reasons, figures, seconds, measured: run }: KeptResult): readonly string[] {
  const measured = figures.map(({ what, measured, heldTo, verdict }) => {
    const limit = heldTo === null ? '' : ` (${heldTo}${verdict === 'met' ? '' : `: ${verdict?.toUpperCase()}`})`
    return `${what}: ${measured}${limit}`
  })
  return [
    String(row.number),
    row.name,
    row.what,
    row.pass,
    [...measured, ...reasons].join('\n'),
    outcome,
    [run.date.slice(0, 10), `${seconds.toFixed(1)} s`, run.commit ?? 'no checkout', `seed ${run.seed}`].join('\n'),
  ]
}

function wrapped(cells: readonly string[]): string {
  const columns = cells.map((cell, index) => linesOf(cell, WIDTHS[index] ?? 0))
  const height = Math.max(...columns.map(lines => lines.length))
  return Array.from({ length: height }, (_, at) =>
    columns
      .map((lines, index) => (lines[at] ?? '').padEnd(WIDTHS[index] ?? 0))
      .join(GAP)
      .trimEnd(),
  ).join('\n')
}

function linesOf(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap(line => {
    const lines: string[] = []
    for (let rest = line; rest !== ''; ) {
      // At the last space that fits, or through a word that is longer than a line.
      const space = rest.length > width ? rest.lastIndexOf(' ', width) : -1
      const end = rest.length <= width ? rest.length : space > 0 ? space : width
      lines.push(rest.slice(0, end))
      rest = rest.slice(end).trimStart()
    }
    return lines
  })
}
