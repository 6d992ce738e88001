import { readFile, stat } from 'node:fs/promises'
import type { ManifestSettings } from '../../config/trusted-documents-schema.ts'
import { readFailure } from '../../model/file-failure.ts'
import { ConfigError } from '../../model/operator-file.ts'
import { parseManifest } from './manifest.ts'
import type { Manifest } from './manifest-entry.ts'

/** Reads the files of trusted documents. Called once, at the start, and by the command that checks a configuration. */

/** Largest manifest, in bytes. */
const MAX_BYTES = 16_777_216

/** In the order of the configuration. Throws `ConfigError` with the problems of all files. */
export async function readManifests(manifests: readonly ManifestSettings[]): Promise<readonly Manifest[]> {
  const problems: string[] = []
  const read: Manifest[] = []
  // One after the other: so many may be named that together they would not fit into memory as text.
  for (const { file, partners = null } of manifests) {
    try {
      read.push({ file, partners, entries: parseManifest(await readText(file), file) })
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown
      problems.push(...thrown.problems)
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return read
}

async function readText(file: string): Promise<string> {
  const refuse = (cause: unknown) => {
    throw new ConfigError([`${file}: cannot be read: ${readFailure(cause)}`], { cause })
  }
  const about = await stat(file).catch(refuse)
  if (!about.isFile()) throw new ConfigError([`${file}: is not a file; must be a JSON file`])
  if (about.size > MAX_BYTES)
    throw new ConfigError([`${file}: has ${about.size} bytes; must have at most ${MAX_BYTES}: split it by partner`])
  const bytes = await readFile(file).catch(refuse)
  try {
    // Another decoder would put a replacement character where bytes are wrong, and the text would be another one.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new ConfigError([`${file}: is not UTF-8; generate the manifest again`], { cause })
  }
}
