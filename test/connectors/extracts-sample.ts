import { createHash } from 'node:crypto'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnyRelation } from '../../src/systems/connector.ts'
import { columnName, type Row, type Value } from '../../src/systems/relation.ts'

/** Writes rows as a drop of extracts, the way a system would: the files, and last the manifest. */
export type Format = 'csv' | 'jsonl'

export interface DropOptions {
  readonly directory: string
  readonly asOf: string
  readonly rows: ReadonlyMap<AnyRelation, readonly Row[]>
  readonly format: Format
}

export interface ManifestEntry {
  relation: string
  file: string
  format: Format
  sha256: string
  rows: number
}

export async function temporaryDirectory() {
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-extracts-'))
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) }
}

export async function writeDrop({ directory, asOf, rows, format }: DropOptions): Promise<ManifestEntry[]> {
  const entries: ManifestEntry[] = []
  for (const [relation, all] of rows) {
    const file = `${relation.name}.${format}`
    const text = format === 'csv' ? csv(relation, all) : jsonLines(all)
    await rm(join(directory, file), { recursive: true, force: true })
    await writeFile(join(directory, file), text)
    entries.push({ relation: relation.name, file, format, sha256: sha256(text), rows: all.length })
  }
  await writeManifest(directory, asOf, entries)
  return entries
}

export async function writeManifest(directory: string, asOf: string, files: readonly unknown[]): Promise<void> {
  await writeFile(join(directory, 'manifest.json.new'), JSON.stringify({ asOf, files }))
  await rename(join(directory, 'manifest.json.new'), join(directory, 'manifest.json'))
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function csv(relation: AnyRelation, rows: readonly Row[]): string {
  const properties = Object.keys(relation.columns)
  const lines = [properties.map(columnName), ...rows.map(row => properties.map(name => cell(row[name] ?? null)))]
  return lines.map(line => `${line.join(',')}\r\n`).join('')
}

function cell(value: Value): string {
  const text = value === null ? '' : Array.isArray(value) ? value.join(';') : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function jsonLines(rows: readonly Row[]): string {
  return rows
    .map(row => Object.fromEntries(Object.entries(row).map(([name, value]) => [columnName(name), value])))
    .map(row => `${JSON.stringify(row)}\n`)
    .join('')
}
