import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createEmbeddedDatabase,
  type EmbeddedDatabaseStamp,
  GENERATOR_VERSION,
  readStamp,
} from '../../demo/embedded-database.ts'
import { EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { makeSampleKeys, readSampleKeys } from '../../demo/sample-keys.ts'
import { readSamplePartners } from '../../demo/sample-partners.ts'
import { isTold, tellStory } from '../../demo/story.ts'
import { readStory } from '../../demo/story-steps.ts'
import type { App } from '../app.ts'
import { embeddedDatabaseDirectory, embeddedKeyRingFile } from '../config/embedded.ts'
import type { Config } from '../config/load-config.ts'
import { createEmbeddedIssuer } from '../identity/embedded-issuer.ts'
import { type Clock, systemClock } from '../model/clock.ts'
import { ConfigError } from '../model/operator-file.ts'
import type { Restart } from '../recovery/restart.ts'
import { lockDirectory } from './directory-lock.ts'
import { assertFree } from './serving/listening.ts'

/**
 * Makes what the embedded default stands on, where it is not there yet: its databases with their data and an empty
 * journal, the keys of its operators, its issuer's, and its pages. Called by `serve` before anything else; does nothing for a configuration without the section `embedded`.
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
    const stamp = fresh ? null : await readStamp(database)
    if (stamp !== null) assertUsable(directory, stamp)
    // Nobody waits for all of it to hear that a port is taken, nor loses what is there.
    await assertFree(config.listen)
    if (fresh) await rm(join(directory, 'issuer'), { recursive: true, force: true })
    if (stamp === null) {
      progress('Making the embedded databases (later starts reuse them) ')
      // First, so that no journal is ever there without the keys that its statements were signed with.
      await makeSampleKeys(directory)
      await createEmbeddedDatabase({ directory: database, seed, scale, onProgress: () => progress('.') })
      progress(' done\n')
    }
    await buildPages()
    await createEmbeddedIssuer({ directory, issuer: identity.issuer, audience: identity.audience, clock: systemClock })
    return lock
  } catch (thrown) {
    await lock.release()
    throw thrown
  }
}

function assertUsable(directory: string, stamp: EmbeddedDatabaseStamp): void {
  const { seed, scale } = EMBEDDED_DATASET
  if (stamp.generator !== GENERATOR_VERSION || stamp.seed !== seed || stamp.scale !== scale)
    throw new ConfigError([`${directory}: was made by another version; start once with --fresh`])
  if (!existsSync(embeddedKeyRingFile(directory)))
    throw new ConfigError([`${directory}: has a journal, but no keys of its operators; start once with --fresh`])
}

/** So that a newcomer sees them, whether or not npm was let to build them; a process of its own, for its tools are large. */
async function buildPages(): Promise<void> {
  const building = spawn(process.execPath, [BUILD, '--if-changed'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(building, 'exit')
  if (code !== 0) throw new ConfigError(['the pages could not be built; npm ci brings what that needs'])
}

const BUILD = fileURLToPath(new URL('../../web/build.ts', import.meta.url))

const STATEMENTS_PER_DOT = 10

/**
 * Tells the story of the embedded default where its journal does not have it to the end: at the first start, and after
 * one that broke off. Called by `serve` before anybody can hand in a statement of their own.
 */
export async function tellSampleStory(
  { restart, examine }: Pick<App, 'restart' | 'examine'>,
  { embedded, recovery: settings }: Pick<Config, 'embedded' | 'recovery'>,
  { clock, progress }: { readonly clock: Clock; readonly progress: PrepareOptions['progress'] },
): Promise<void> {
  if (!embedded || restart === null) return
  const story = await readStory(await readSamplePartners())
  const told = await statementsOf(restart)
  if (isTold(story, told)) return
  progress('Signing the story so far, from the isolation to today ')
  await tellStory({
    story,
    told,
    desk: restart.desk,
    keys: await readSampleKeys(embedded.directory),
    settings,
    clock,
    async measure(system, relations) {
      const { totals, failure } = await examine(system, relations)
      if (failure !== null) throw new ConfigError([`${system}: cannot be counted for its attestation: ${failure}`])
      return totals
    },
    onProgress: done => {
      if (done % STATEMENTS_PER_DOT === 0) progress('.')
    },
  })
  progress(' done\n')
}

const ROWS_PER_READ = 500

/** Ids of all statements in the journal. */
async function statementsOf(restart: Pick<Restart, 'rows'>): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for (let after = 0; ; ) {
    const rows = await restart.rows(after, ROWS_PER_READ)
    for (const { statementId, sequence } of rows) {
      ids.add(statementId)
      after = sequence
    }
    if (rows.length < ROWS_PER_READ) return ids
  }
}
