import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { Dataset } from '../../demo/generator/dataset.ts'
import { fillServerDatabase } from '../../demo/server-database.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { type Postgres, type PostgresOptions, startPostgres } from './postgres.ts'

/**
 * A database with a dataset in it. Filling one takes a minute, so it stands under `.data/` for the next run, by its scale
 * and by everything that its rows are made from; what older code made is thrown away.
 */
export interface FilledDatabaseOptions extends Pick<PostgresOptions, 'cpu'> {
  readonly dataset: Dataset
  readonly progress: (text: string) => void
}

/** Owns nothing and may read every system; each variant has a role of its own in it. */
export const READER = 'bench_reader'

const root = fileURLToPath(new URL('../../', import.meta.url))
const DATA = join(root, 'bench', '.data')

export async function openFilledDatabase({ dataset, cpu, progress }: FilledDatabaseOptions): Promise<Postgres> {
  const { scale, seed } = dataset.options
  const prefix = `postgres-${seed}-${scale}-`
  const name = `${prefix}${await sourceDigest()}`
  const directory = join(DATA, name)
  if (!existsSync(directory)) {
    await mkdir(DATA, { recursive: true })
    for (const old of await readdir(DATA))
      if (old.startsWith(prefix)) await rm(join(DATA, old), { recursive: true, force: true })
    const draft = `${directory}.draft`
    progress(`filling PostgreSQL at scale ${scale}, once\n`)
    await fill(draft, dataset)
    // Whole or not at all: a run that breaks off leaves a draft, which the next one throws away.
    await rename(draft, directory)
  }
  return startPostgres({ directory, cpu })
}

async function fill(directory: string, dataset: Dataset): Promise<void> {
  const server = await startPostgres({ directory, cpu: null })
  try {
    await fillServerDatabase({
      connectionString: server.url,
      dataset,
      systems: SYSTEM_KEYS,
      replace: false,
      reader: READER,
    })
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    await client.query('CREATE EXTENSION pg_stat_statements')
    await client.query('VACUUM (ANALYZE)')
    await client.query('CHECKPOINT')
    await client.end()
  } finally {
    await server.stop()
  }
}

/** Of the code that makes the rows and the tables. */
async function sourceDigest(): Promise<string> {
  const hash = createHash('sha256')
  for (const folder of ['demo/generator', 'src/systems/relations'])
    for (const file of (await readdir(join(root, folder))).toSorted())
      hash.update(await readFile(join(root, folder, file)))
  for (const file of ['demo/ddl.ts', 'demo/copied-rows.ts', 'demo/server-database.ts', 'bench/site/filled-database.ts'])
    hash.update(await readFile(join(root, file)))
  return hash.digest('hex').slice(0, 12)
}
