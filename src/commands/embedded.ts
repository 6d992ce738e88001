import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createEmbeddedDatabase, GENERATOR_VERSION, readStamp } from '../../demo/embedded-database.ts'
import { EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { embeddedDatabaseDirectory } from '../config/embedded.ts'
import type { Config } from '../config/load-config.ts'
import { createEmbeddedIssuer } from '../identity/embedded-issuer.ts'
import { systemClock } from '../model/clock.ts'
import { ConfigError } from '../model/operator-file.ts'
import { lockDirectory } from './directory-lock.ts'

/**
 * Makes what the embedded default stands on, where it is not there yet: its databases with their data, and its issuer's
 * keys. Called by `serve` before anything else; does nothing for a configuration without the section `embedded`.
 */
export interface Embedded {
  /** Lets another process have the data directory. */
  release(): Promise<void>
}

export interface PrepareOptions {
  /** Throw away what is there and start over. */
  readonly fresh: boolean
  readonly progress: (text: string) => void
}

export async function prepareEmbedded(config: Config, { fresh, progress }: PrepareOptions): Promise<Embedded> {
  const { embedded, identity } = config
  if (!embedded) {
    if (fresh)
      throw new ConfigError(['--fresh is for the embedded default; this configuration has no section embedded'])
    return { release: async () => {} }
  }
  const { directory } = embedded
  const { seed, scale } = EMBEDDED_DATASET
  await mkdir(directory, { recursive: true })
  const lock = await lockDirectory(directory)
  try {
    const database = embeddedDatabaseDirectory(directory)
    if (fresh) await rm(join(directory, 'issuer'), { recursive: true, force: true })
    const stamp = fresh ? null : await readStamp(database)
    if (stamp === null) {
      progress('Making the embedded databases (later starts reuse them) ')
      await createEmbeddedDatabase({ directory: database, seed, scale, onProgress: () => progress('.') })
      progress(' done\n')
    } else if (stamp.generator !== GENERATOR_VERSION || stamp.seed !== seed || stamp.scale !== scale) {
      throw new ConfigError([`${directory}: was made by another version; start once with --fresh`])
    }
    await createEmbeddedIssuer({ directory, issuer: identity.issuer, audience: identity.audience, clock: systemClock })
    return lock
  } catch (thrown) {
    await lock.release()
    throw thrown
  }
}
