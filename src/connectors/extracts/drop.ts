import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { deepFreeze } from '../../model/freeze.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { columnName, type Row } from '../../systems/relation.ts'
import { fileRows } from './file-rows.ts'
import type { Manifest, ManifestFile } from './manifest.ts'
import { pause } from './ordering.ts'
import { createTableBuilder, type Table, type TableBuilder } from './table.ts'

/**
 * Loads a whole drop of extracts into memory, or refuses it whole: each file must be what the manifest says, each row
 * what its relation says, and no key may stand there twice. Called by `connector.ts`. Opens files for reading only.
 */
export interface Drop {
  readonly asOf: string
  /** By relation name. */
  readonly tables: ReadonlyMap<string, Table>
}

/** Throws one `Error` that names file, line and column; it never shows a value. */
export async function loadDrop(
  directory: string,
  manifest: Manifest,
  relations: readonly AnyRelation[],
  signal: AbortSignal,
): Promise<Drop> {
  const tables = new Map<string, Table>()
  for (const relation of relations) {
    const builder = createTableBuilder(relation)
    for (const listed of manifest.files.filter(each => each.relation === relation.name))
      await loadFile(directory, listed, relation, builder, signal)
    tables.set(relation.name, await builder.finish(signal))
  }
  return { asOf: manifest.asOf, tables }
}

async function loadFile(
  directory: string,
  listed: ManifestFile,
  relation: AnyRelation,
  builder: TableBuilder,
  signal: AbortSignal,
): Promise<void> {
  const path = join(directory, listed.file)
  const digest = createHash('sha256')
  let rows = 0
  try {
    for await (const { values, line } of fileRows(textsOf(path, digest, signal), listed, relation)) {
      const row = parseRow(relation, values, `${listed.file}:${line}`)
      if (!builder.add(row))
        throw new Error(
          `${listed.file}:${line}: column ${relation.key.map(columnName).join(', ')}: the key stands there twice`,
        )
      rows += 1
    }
  } catch (thrown) {
    signal.throwIfAborted()
    // Of a file that is not the one in the manifest, that is the thing to say, and not where it happens to break.
    requireDigest(listed, await digestOf(path, signal))
    throw thrown
  }
  requireDigest(listed, digest.digest('hex'))
  if (rows !== listed.rows) throw new Error(`${listed.file}: has ${rows} rows, the manifest says ${listed.rows}`)
}

function parseRow(relation: AnyRelation, values: Readonly<Record<string, unknown>>, place: string): Row {
  const { data, error } = relation.schema.safeParse(values)
  if (!error) return deepFreeze(data)
  const problems = error.issues.map(({ path, message }) => `column ${columnName(String(path[0]))}: ${message}`)
  throw new Error(`${place}: ${problems.join('; ')}`)
}

function requireDigest({ file, sha256 }: ManifestFile, digest: string): void {
  if (digest !== sha256) throw new Error(`${file}: its SHA-256 is not the one in the manifest`)
}

async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const digest = createHash('sha256')
  for await (const chunk of chunksOf(path, signal)) digest.update(chunk)
  return digest.digest('hex')
}

/** The text of a file, and the digest of the very bytes it is made of. Refuses what is not UTF-8. */
async function* textsOf(path: string, digest: Hash, signal: AbortSignal): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (chunk: Uint8Array, stream: boolean) => {
    try {
      return decoder.decode(chunk, { stream })
    } catch {
      throw new Error(`${basename(path)}: not UTF-8`)
    }
  }
  for await (const chunk of chunksOf(path, signal)) {
    digest.update(chunk)
    yield decode(chunk, true)
  }
  yield decode(new Uint8Array(), false)
}

async function* chunksOf(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const file = await openRegular(path)
  try {
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      yield chunk
      await pause(signal)
    }
  } finally {
    await file.close()
  }
}

/** Opened without blocking, so that a pipe in the place of a file is refused and not waited for. */
async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw new Error(`${path}: not a file`)
}
