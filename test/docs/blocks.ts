/** The fenced blocks of a page: what it shows to be typed, what must come, and excerpts of files. */
export interface Block {
  readonly language: string
  /** The words behind the language: a file, or what the block is. */
  readonly info: string
  /** Without what it is indented by, where it stands in a list. */
  readonly text: string
  /** Of its first line of text, from 1. */
  readonly line: number
  /** The heading that it stands under; empty: there is none above it. */
  readonly section: string
  /** What an HTML comment right above it says of it; empty: there is none. */
  readonly remark: string
}

const BLOCK =
  /^(?: *<!-- (?<remark>.*) -->\n)?(?<indent> *)```(?<language>\w+)(?: (?<info>.*))?\n(?<text>[\s\S]*?)^\k<indent>```$/gm

export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(BLOCK)].map(match => {
    const { remark = '', indent = '', language = '', info = '', text = '' } = match.groups ?? {}
    const head = match[0].indexOf('```')
    const lines = page.slice(0, match.index + head).split('\n')
    const section = lines.findLast(above => /^#+ /.test(above)) ?? ''
    const line = lines.length + 1
    return { language, info, text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''), line, section, remark }
  })
}
