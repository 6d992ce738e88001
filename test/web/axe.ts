import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What axe finds wrong with a page as it is now: the rule, where, and the element. */
export interface Violation {
  readonly rule: string
  readonly target: string
  readonly html: string
}

export async function violationsOf(page: Page): Promise<readonly Violation[]> {
  await page.addScriptTag({ content: axe.source })
  const found = (await page.evaluate('axe.run()')) as {
    readonly violations: readonly {
      readonly id: string
      readonly nodes: readonly { readonly html: string; readonly target: readonly string[] }[]
    }[]
  }
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, target }) => ({ rule: id, target: target.join(' '), html })),
  )
}
