import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

/** What axe finds wrong with a page as it is now: the rule, where, and the element. */
export interface Violation {
  readonly rule: string
  readonly target: string
  readonly html: string
}

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
// Picked in the page: of all else that it says, which is a hundred times as much, the tests would only wait for the transport.
const FIND = `axe.run({ resultTypes: ['violations'] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, target }) => ({ rule: id, target: target.join(' '), html }))))`

export async function violationsOf(page: Page): Promise<readonly Violation[]> {
  await page.evaluate(AXE)
  return page.evaluate<readonly Violation[]>(FIND)
}
