import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { GENERATOR_VERSION } from '../../demo/embedded-database.ts'
import { EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { lockDirectory } from '../../src/commands/directory-lock.ts'
import { prepareEmbedded } from '../../src/commands/embedded.ts'
import { EMBEDDED_CONFIG_FILE, embeddedDatabaseDirectory } from '../../src/config/embedded.ts'
import { loadConfig } from '../../src/config/load-config.ts'

/** What needs no database to be made; the first start itself is in `test/e2e/`. */

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-embedded-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function prepare(fresh: boolean) {
  const config = await loadConfig(EMBEDDED_CONFIG_FILE, {})
  return prepareEmbedded({ ...config, embedded: { directory } }, { fresh, progress: () => {} })
}

test('data of another version is kept and refused, with the remedy, and the directory is free again', async () => {
  const database = embeddedDatabaseDirectory(directory)
  await mkdir(database)
  await writeFile(`${database}.json`, JSON.stringify({ generator: 0, seed: 1, scale: 1 }))
  await expect(prepare(false)).rejects.toThrow(`${directory}: was made by another version; start once with --fresh`)
  expect((await readdir(directory)).toSorted()).toEqual(['postgres', 'postgres.json'])
})

test('a journal whose keys are gone is kept and refused, with the remedy: nobody could go on signing in it', async () => {
  const database = embeddedDatabaseDirectory(directory)
  await mkdir(database)
  const { seed, scale } = EMBEDDED_DATASET
  await writeFile(`${database}.json`, JSON.stringify({ generator: GENERATOR_VERSION, seed, scale }))
  await expect(prepare(false)).rejects.toThrow(
    `${directory}: has a journal, but no keys of its operators; start once with --fresh`,
  )
  expect((await readdir(directory)).toSorted()).toEqual(['postgres', 'postgres.json'])
})

test('a directory in use loses nothing to --fresh', async () => {
  for (const folder of ['issuer', 'operators', 'gateway']) await mkdir(join(directory, folder))
  const lock = await lockDirectory(directory, process.ppid)
  await expect(prepare(true)).rejects.toThrow(`process id ${process.ppid}`)
  expect((await readdir(directory)).toSorted()).toEqual(['gateway', 'issuer', 'lock', 'operators'])
  await lock.release()
})
