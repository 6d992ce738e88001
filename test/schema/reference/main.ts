import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { REFERENCE_DIRECTORY, referencePages } from './pages.ts'

/** `npm run docs:schema`: writes the schema reference, and takes away the pages of what is no longer there. */

const directory = join(import.meta.dirname, '../../..', REFERENCE_DIRECTORY)
const pages = referencePages()
await mkdir(directory, { recursive: true })
for (const name of await readdir(directory))
  if (name.endsWith('.md') && !pages.has(name)) await rm(join(directory, name))
for (const [name, text] of pages) await writeFile(join(directory, name), text)
process.stdout.write(`${pages.size} pages in ${REFERENCE_DIRECTORY}/\n`)
