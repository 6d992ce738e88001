import { type Block, blocksOf } from './blocks.ts'
import { documentationPages, readText } from './project.ts'

/** Which pages there are, what is in them, and by whom what they show is tried. */

export interface Page {
  readonly name: string
  readonly text: string
  readonly blocks: readonly Block[]
}

/** Pages whose commands need other servers, or are tried more closely than one after the other: by these suites. */
export const TRIED_BY: Readonly<Record<string, string>> = {
  'docs/your-first-relation.md': 'test/commands/config-page.test.ts',
  'docs/production.md': 'test/app/production.test.ts',
  'docs/operators.md': 'test/commands/operators-road.test.ts',
  'docs/deployment.md': 'test/deploy/kubernetes.test.ts',
  'docs/partners/webhooks.md': 'test/webhooks/documented-receivers.test.ts',
  'CONTRIBUTING.md': 'test/docs/contributing.test.ts',
}

/** What a reader starts first, and the suite for all pages. */
export const START = 'npm ci\nnpm start\n'

const NOT_RUN = 'not run: '

/** What the project does with itself: this suite would run within itself. */
const OWN_CHECKS =
  /^(?:npm (?:test|run (?:check|bench|chaos|soak|defects))\b|npm ci && npm ci --prefix bench|sudo apt-get install )/

/** Why the block is not run; null: it is. */
export function reasonNotToRun({ remark, text }: Block): string | null {
  if (remark.startsWith(NOT_RUN)) return remark.slice(NOT_RUN.length)
  return text
    .trim()
    .split('\n')
    .every(line => OWN_CHECKS.test(line))
    ? 'a check of the project itself'
    : null
}

export async function readPages(): Promise<readonly Page[]> {
  const names = await documentationPages()
  return Promise.all(
    names.map(async name => {
      const text = await readText(name)
      return { name, text, blocks: blocksOf(text) }
    }),
  )
}

/** In the order in which they can be run: those that only ask, then those that change what is open. */
export function pagesToRun(pages: readonly Page[]): readonly Page[] {
  const toRun = pages.filter(({ name, blocks }) => !(name in TRIED_BY) && blocks.some(isRun))
  const placeOf = ({ name }: Page) => (name.startsWith('docs/partners/') ? 0 : name === 'README.md' ? 2 : 1)
  return toRun.toSorted((a, b) => placeOf(a) - placeOf(b))
}

export function isRun(block: Block): boolean {
  return block.language === 'sh' && block.text !== START && reasonNotToRun(block) === null
}
