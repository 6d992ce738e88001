import { createHash } from 'node:crypto'
import { mkdir, open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnyRelation } from '../src/systems/connector.ts'
import { columnName, type Row, type Value } from '../src/systems/relation.ts'
import type { Dataset } from './generator/dataset.ts'

/**
 * Writes relations of a dataset as extracts: a file per relation and a manifest of their digests. Rows are streamed, and
 * the manifest is written last, by a rename: who reads while this writes never trusts a half-written set.
 */
export const EXTRACT_FORMATS = ['csv', 'jsonl'] as const
export type ExtractFormat = (typeof EXTRACT_FORMATS)[number]

export interface ExtractPlan {
  readonly relation: AnyRelation
  readonly format: ExtractFormat
}

/** `manifest.json` of a directory of extracts. */
export interface ExtractManifest {
  /** The instant that all rows are as of, RFC 3339 in UTC. */
  readonly asOf: string
  readonly files: readonly {
    readonly relation: string
    readonly file: string
    readonly format: ExtractFormat
    /** Lower-case hexadecimal. */
    readonly sha256: string
    readonly rows: number
  }[]
}

export interface ExtractOptions {
  readonly dataset: Dataset
  /** Made where it does not exist. */
  readonly directory: string
  readonly plan: readonly ExtractPlan[]
  /** Told of each file as it grows. */
  readonly onProgress?: (relation: AnyRelation, rows: number) => void
}

const CHUNK_CHARACTERS = 1 << 18

export async function writeExtracts({
  dataset,
  directory,
  plan,
  onProgress,
}: ExtractOptions): Promise<ExtractManifest> {
  await mkdir(directory, { recursive: true })
  const files: ExtractManifest['files'][number][] = []
  for (const { relation, format } of plan) {
    const file = `${relation.name}.${format}`
    const progress = (rows: number) => onProgress?.(relation, rows)
    const { sha256, rows } = await writeRows(join(directory, file), relation, format, dataset.rows(relation), progress)
    files.push({ relation: relation.name, file, format, sha256, rows })
  }
  const manifest = { asOf: new Date(dataset.options.anchor).toISOString(), files }
  const path = join(directory, 'manifest.json')
  await writeFile(`${path}.tmp`, `${JSON.stringify(manifest, null, 2)}\n`)
  await rename(`${path}.tmp`, path)
  return manifest
}

async function writeRows(
  path: string,
  relation: AnyRelation,
  format: ExtractFormat,
  source: Iterable<Row>,
  onProgress: (rows: number) => void,
): Promise<{ readonly sha256: string; readonly rows: number }> {
  const hash = createHash('sha256')
  const line = format === 'csv' ? csvLine : jsonLine
  let chunk = format === 'csv' ? csvHeader(relation) : ''
  let rows = 0
  const file = await open(`${path}.tmp`, 'w')
  try {
    const flush = async () => {
      hash.update(chunk)
      await file.writeFile(chunk)
      chunk = ''
      onProgress(rows)
    }
    for (const row of source) {
      chunk += line(relation, row)
      rows++
      if (chunk.length >= CHUNK_CHARACTERS) await flush()
    }
    await flush()
  } finally {
    await file.close()
  }
  await rename(`${path}.tmp`, path)
  return { sha256: hash.digest('hex'), rows }
}

const csvHeader = (relation: AnyRelation): string => `${Object.keys(relation.columns).map(columnName).join(',')}\n`

/** Writes a row as one line of RFC 4180 CSV, LF at its end; null is an empty cell. `listCell` says how a list is written. */
const csvWriter =
  (listCell: (texts: readonly string[]) => string) =>
  (relation: AnyRelation, row: Row): string => {
    const cell = (value: Value): string => {
      if (value === null) return ''
      const text = typeof value === 'object' ? listCell(value) : String(value)
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
    }
    return `${Object.keys(relation.columns)
      .map(name => cell(row[name] ?? null))
      .join(',')}\n`
  }

const csvLine = csvWriter(texts => texts.join(';'))

/** A line for PostgreSQL's `COPY … WITH (FORMAT csv)`, where a list is an array literal. */
export const copyLine = csvWriter(texts => `{${texts.map(text => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`)

const jsonLine = (relation: AnyRelation, row: Row): string =>
  `${JSON.stringify(Object.fromEntries(Object.keys(relation.columns).map(name => [columnName(name), row[name]])))}\n`
