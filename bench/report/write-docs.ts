import { readFile } from 'node:fs/promises'
import { writeDocumentation } from './documentation.ts'
import { LATEST_FILE } from './results.ts'

/** `node bench/report/write-docs.ts`: writes the tables of the last whole run into docs/performance.md once more. */

await writeDocumentation(JSON.parse(await readFile(LATEST_FILE, 'utf8')))
