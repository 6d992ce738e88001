import { scrubText } from '../observe/scrub-text.ts'

/** Names as JSON text, for lines of the access log: without secrets, without what breaks or forges a line, of bounded length. */
export type Text = (name: string) => string

const MAX_LENGTH = 200
/** More than there are partners, clients and operations at a large site. */
const MAX_TEXTS = 20_000

/** The same few names come again and again. */
export function createTexts(): Text {
  const known = new Map<string, string>()
  return name => {
    const found = known.get(name)
    if (found !== undefined) return found
    const made = JSON.stringify(scrubText(name.slice(0, MAX_LENGTH)))
    if (name.length > MAX_LENGTH) return made
    if (known.size === MAX_TEXTS) known.clear()
    known.set(name, made)
    return made
  }
}
