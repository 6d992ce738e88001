import { readFile } from 'node:fs/promises'
import type { SiteDirectory } from '../model/directory.ts'
import { canonicalJson, keyOf } from '../model/key.ts'
import type { Config } from './load-config.ts'

/**
 * What makes a record what it is beside its key: the release, the mappings of the systems, the site directory. Instances of
 * one generation may share records; during an update, old and new ones do not meet. Gives a hash, which shows nothing of it.
 */
export async function generationOf({ systems }: Pick<Config, 'systems'>, sites: SiteDirectory): Promise<string> {
  const release = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return keyOf(release, canonicalJson(systems), canonicalJson([...sites.values()]))
}
