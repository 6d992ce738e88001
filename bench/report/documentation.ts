import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Results } from './results.ts'
import { figuresTable, renderMarkdownTable } from './text-table.ts'

/** Puts the tables of a run into docs/performance.md, between its two markers. The words around them stay as they are. */

export const DOCUMENT = fileURLToPath(new URL('../../docs/performance.md', import.meta.url))
const BEGIN = '<!-- figures: begin -->'
const END = '<!-- figures: end -->'

export async function writeDocumentation(results: Results, file = DOCUMENT): Promise<void> {
  await writeFile(file, withFigures(await readFile(file, 'utf8'), results))
}

/** @throws Error where the text has not both markers, in order */
export function withFigures(text: string, results: Results): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin === -1 || end < begin) throw new Error(`the text must hold ${BEGIN} and, after it, ${END}`)
  return `${text.slice(0, begin + BEGIN.length)}\n\n${figuresOf(results)}\n${text.slice(end)}`
}

function figuresOf({ environment, scale, rounds, seconds, outcomes }: Results): string {
  const { commit, date, node, machine } = environment
  const { cpu, cores, memoryGib, system } = machine
  const minutes = Math.round(seconds / 60)
  return [
    `Commit ${commit}, ${date.slice(0, 10)}, Node.js ${node}; ${cores} × ${cpu}, ${memoryGib} GiB, ${system}; scale ${scale}, ` +
      `${rounds} rounds, ${minutes} minutes.\n`,
    renderMarkdownTable(figuresTable(outcomes.flatMap(({ figures }) => figures))),
    ...outcomes.flatMap(({ tables, notes }) => [
      ...tables.map(table => `### ${table.title}\n\n${renderMarkdownTable(table)}`),
      ...(notes.length > 0 ? [`${notes.map(note => `- ${note}`).join('\n')}\n`] : []),
    ]),
  ].join('\n')
}
