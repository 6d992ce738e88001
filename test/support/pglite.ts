import { readFile, writeFile } from 'node:fs/promises'
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'

/**
 * An embedded PostgreSQL, in memory or in a new directory. Making one anew takes seconds, so that in a whole run each begins
 * as a copy of the one that the run's setup has made, `TEST_PGLITE`.
 */
export async function openPglite(options: PGliteOptions = {}): Promise<PGlite> {
  const { TEST_PGLITE: file } = process.env
  return PGlite.create({ ...options, ...(file && { loadDataDir: new Blob([await readFile(file)]) }) })
}

export async function makePgliteTemplate(file: string): Promise<void> {
  const database = await PGlite.create()
  await writeFile(file, await (await database.dumpDataDir('none')).bytes())
  await database.close()
}
