import { readFile } from 'node:fs/promises'
import { blocksOf } from '../docs/blocks.ts'

/** The commands that `docs/operators.md` shows. */

export const operatorsPage = await readFile(new URL('../../docs/operators.md', import.meta.url), 'utf8')

/** Each on one line and without the name of the program; of one section where it is named. */
export function commandsIn(section?: string): readonly string[] {
  const text = section === undefined ? operatorsPage : operatorsPage.split(`\n## ${section}\n`)[1]?.split('\n## ')[0]
  const scripts = blocksOf(text ?? '').filter(({ language }) => language === 'sh')
  return scripts.flatMap(block => block.text.replaceAll('\\\n', ' ').trim().split('\n')).map(commandOf)
}

function commandOf(line: string): string {
  const [, command] = /^\s*recovery-gateway (.*)$/.exec(line) ?? []
  if (command === undefined) throw new Error(`docs/operators.md shows what is no command: ${line}`)
  return command
}
