import { printable } from './printable.ts'

/** Tables for people. Called by every command that shows one; knows nothing of what stands in them. */

const DEFAULT_WIDTH = 100
/** The last column is never made narrower than this, however narrow the terminal. */
const LEAST_LAST_WIDTH = 24
const GAP = '  '

export interface Table {
  readonly columns: readonly string[]
  /** As many cells each as there are columns. */
  readonly rows: readonly (readonly string[])[]
}

/**
 * Columns as wide as their widest cell; the last one is wrapped at `width`, in characters, or 100 where it is left out.
 * Ends with a line feed.
 */
export function renderTable({ columns, rows }: Table, width = DEFAULT_WIDTH): string {
  const lines = [columns.map(name => name.toUpperCase()), ...rows.map(row => row.map(cell => flat(cell)))]
  const leading = columns.slice(0, -1).map((_, column) => Math.max(...lines.map(cells => cells[column]?.length ?? 0)))
  const indent = leading.reduce((sum, columnWidth) => sum + columnWidth + GAP.length, 0)
  const lastWidth = Math.max(LEAST_LAST_WIDTH, width - indent)
  return lines
    .flatMap(cells => {
      const start = leading.map((columnWidth, column) => (cells[column] ?? '').padEnd(columnWidth) + GAP).join('')
      return wrap(cells.at(-1) ?? '', lastWidth).map((part, index) => (index === 0 ? start : ' '.repeat(indent)) + part)
    })
    .map(line => `${line.trimEnd()}\n`)
    .join('')
}

/** Text under a heading: indented by two, wrapped as the last column of a table is. Ends with a line feed. */
export function renderParagraph(text: string, width = DEFAULT_WIDTH): string {
  return wrap(flat(text), Math.max(LEAST_LAST_WIDTH, width - GAP.length))
    .map(line => `${GAP}${line}\n`)
    .join('')
}

/** Lines of at most `width` characters, broken between words where there is a gap, and within a word where there is none. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > width) {
    const gap = rest.lastIndexOf(' ', width)
    const end = gap > 0 ? gap : width
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return [...lines, rest]
}

function flat(cell: string): string {
  return printable(cell.replace(/\s+/g, ' ').trim())
}
