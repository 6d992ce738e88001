import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** `docs/production.md`, whose SQL and users are those of the site. */
export interface ProductionPage {
  readonly text: string
  /** The content of the one fenced block of that info, such as `sql parts`. */
  block(info: string): string
}

const PAGE = fileURLToPath(new URL('../../docs/production.md', import.meta.url))

export async function readProductionPage(): Promise<ProductionPage> {
  const text = await readFile(PAGE, 'utf8')
  return {
    text,
    block(info) {
      const [, content] = new RegExp(`^\`\`\`${info}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text) ?? []
      if (content === undefined) throw new Error(`${PAGE}: has no block ${info}`)
      return content
    },
  }
}
