import { conceptPage } from './concept-page.ts'
import { overview } from './overview.ts'
import { readPartnerSchema } from './partner-schema.ts'

/** The schema reference: its pages by their names, made of the SDL alone. */
export const REFERENCE_DIRECTORY = 'docs/partners/schema'
const NOTE = '<!-- Written by `npm run docs:schema` from schema/; do not edit. -->'

export function referencePages(): ReadonlyMap<string, string> {
  const partnerSchema = readPartnerSchema()
  const pages = partnerSchema.concepts.map(concept => {
    const title = concept.name.replaceAll('-', ' ')
    const heading = `${title.slice(0, 1).toUpperCase()}${title.slice(1)}`
    return [
      `${concept.name}.md`,
      page(heading, `[All of the schema](README.md)\n\n${conceptPage(concept, partnerSchema)}`),
    ]
  })
  return new Map([['README.md', page('Schema reference', overview(partnerSchema))], ...(pages as [string, string][])])
}

const page = (heading: string, text: string) => `# ${heading}\n\n${NOTE}\n\n${text}\n`
