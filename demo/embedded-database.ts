import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { z } from 'zod'
import { EMBEDDED_JOURNAL, installEmbeddedJournal } from '../src/recovery/journal/embedded-store.ts'
import type { AnyRelation } from '../src/systems/connector.ts'
import { RELATIONS } from '../src/systems/relations/all.ts'
import { bareTables, columnList, keyAndIndexes, script, tableName } from './ddl.ts'
import { copyLine } from './extract-files.ts'
import { createDataset, type Dataset, EMBEDDED_DATASET } from './generator/dataset.ts'

/**
 * Makes the embedded default's database: a PGlite data directory with a schema each for parts logistics and wholesale
 * finance, filled from the generator, and an empty journal. Made beside its place and moved there when it is whole, so a start that is killed
 * leaves nothing half made. Nobody serves from it here: it is closed when this returns.
 */
export interface EmbeddedDatabaseOptions {
  readonly directory: string
  readonly seed: number
  readonly scale: number
  /** Told of each step before it is taken. */
  readonly onProgress?: (step: EmbeddedDatabaseStep) => void
}

export type EmbeddedDatabaseStep =
  | { readonly kind: 'creating' }
  | { readonly kind: 'filling'; readonly relation: string; readonly done: number; readonly of: number }
  | { readonly kind: 'finishing' }

/** What a data directory was made from; stands beside it, as `<directory>.json`. */
export interface EmbeddedDatabaseStamp {
  readonly generator: number
  readonly seed: number
  readonly scale: number
}

/** Counted up with every change of the generated rows or of any table, so that an older directory is made anew. */
export const GENERATOR_VERSION = 2

/** The PostgreSQL schema of each system that the embedded database holds. */
export const EMBEDDED_SCHEMAS = { PARTS_LOGISTICS: 'parts_logistics', WHOLESALE_FINANCE: 'wholesale_finance' } as const

const SCHEMAS = Object.entries(EMBEDDED_SCHEMAS) as [keyof typeof EMBEDDED_SCHEMAS, string][]

/** What each of the schemas has, in the order in which it is filled. */
const TABLES = SCHEMAS.flatMap(([system, schema]) => RELATIONS[system].map(relation => ({ schema, relation })))

/** The log in files of 1 MiB, not 16, as each is written whole; nothing synced, as a start that is killed makes all of it anew. */
const INITDB = ['--no-sync', '--wal-segsize=1'] as const

const ROWS_PER_COPY = 50_000

const stampPath = (directory: string) => `${directory}.json`

const stampSchema: z.ZodType<EmbeddedDatabaseStamp> = z.object({ generator: z.int(), seed: z.int(), scale: z.number() })

/** The stamp of a data directory; null where there is none that can be read: then it has to be made. */
export async function readStamp(directory: string): Promise<EmbeddedDatabaseStamp | null> {
  try {
    return stampSchema.parse(JSON.parse(await readFile(stampPath(directory), 'utf8')))
  } catch {
    return null
  }
}

/** Replaces whatever stands at `directory`. */
export async function createEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<void> {
  const { directory, seed, scale, onProgress } = options
  const dataset = createDataset({ ...EMBEDDED_DATASET, seed, scale })
  const unfinished = `${directory}.unfinished`
  await mkdir(dirname(directory), { recursive: true })
  await rm(unfinished, { recursive: true, force: true })
  onProgress?.({ kind: 'creating' })
  const database = await PGlite.create(unfinished, { relaxedDurability: true, initDbStartParams: [...INITDB] })
  try {
    await fill(database, dataset, options)
    await installEmbeddedJournal(database, EMBEDDED_JOURNAL)
    onProgress?.({ kind: 'finishing' })
    await database.exec(`ANALYZE ${TABLES.map(({ schema, relation }) => tableName(schema, relation)).join(', ')}`)
  } finally {
    await database.close()
  }
  await rm(stampPath(directory), { force: true })
  await rm(directory, { recursive: true, force: true })
  await rename(unfinished, directory)
  const stamp: EmbeddedDatabaseStamp = { generator: GENERATOR_VERSION, seed, scale }
  await writeFile(`${stampPath(directory)}.tmp`, `${JSON.stringify(stamp)}\n`)
  await rename(`${stampPath(directory)}.tmp`, stampPath(directory))
}

async function fill(database: PGlite, dataset: Dataset, { onProgress }: EmbeddedDatabaseOptions): Promise<void> {
  for (const [system, schema] of SCHEMAS) {
    await database.exec(script(bareTables(schema, RELATIONS[system])))
    await database.query(`INSERT INTO "${schema}".freshness VALUES ($1)`, [dataset.options.anchor])
  }
  for (const [done, { schema, relation }] of TABLES.entries()) {
    onProgress?.({ kind: 'filling', relation: relation.name, done, of: TABLES.length })
    await copy(database, schema, relation, dataset)
    await database.exec(script(keyAndIndexes(schema, relation)))
  }
}

async function copy(database: PGlite, schema: string, relation: AnyRelation, dataset: Dataset): Promise<void> {
  const columns = columnList(Object.keys(relation.columns))
  const statement = `COPY ${tableName(schema, relation)} (${columns}) FROM '/dev/blob' WITH (FORMAT csv)`
  let lines: string[] = []
  const send = async () => {
    // One text: a blob of many parts is read part by part.
    if (lines.length > 0) await database.query(statement, [], { blob: new Blob([lines.join('')]) })
    lines = []
  }
  for (const row of dataset.rows(relation)) {
    lines.push(copyLine(relation, row))
    if (lines.length === ROWS_PER_COPY) await send()
  }
  await send()
}
