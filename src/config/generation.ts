import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SiteDirectory } from '../model/directory.ts'
import { canonicalJson, keyOf } from '../model/key.ts'
import type { Config } from './load-config.ts'

/**
 * What makes a record what it is beside its key: the program itself, its packages, the mappings of the systems, the site
 * directory. Instances of one generation may share records; during an update, old and new ones do not meet. Gives a
 * hash, which shows nothing of it. Called once, at the start.
 */
export function generationOf({ systems }: Pick<Config, 'systems'>, sites: SiteDirectory, program = PROGRAM): string {
  return keyOf(digestOf(program), canonicalJson(systems), canonicalJson([...sites.values()]))
}

/** Where the program stands: this file is in its `src/config/`. */
const PROGRAM = fileURLToPath(new URL('../../', import.meta.url))
/** All of the code, not the version alone: a fault is mended under the same version too, and any file may have had it. */
const SOURCES = ['src', 'resolvers', 'schema']
/** Names the version of every package. */
const PACKAGES = 'package.json'

function digestOf(program: string): string {
  const files = SOURCES.flatMap(directory => {
    const entries = readdirSync(join(program, directory), { recursive: true, withFileTypes: true })
    return entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  })
  const digest = createHash('sha256')
  // Its place in the program, not on the machine, which may differ from instance to instance.
  const byPlace = files.map(file => [file.slice(join(program, '/').length).split(sep).join('/'), file] as const)
  for (const [place, file] of [...byPlace, [PACKAGES, join(program, PACKAGES)] as const].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    const content = readFileSync(file)
    digest.update(`${place.length}:${place}${content.length}:`).update(content)
  }
  return digest.digest('base64url')
}
