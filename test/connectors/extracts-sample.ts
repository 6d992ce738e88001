import { createHash } from 'node:crypto'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExtractsSettings } from '../../src/config/extracts-schema.ts'
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
  return csvText([properties.map(columnName), ...rows.map(row => properties.map(name => row[name] ?? null))], ',')
}

function csvText(lines: readonly (readonly Value[])[], delimiter: string): string {
  return lines.map(line => `${line.map(cell).join(delimiter)}\r\n`).join('')
}

function cell(value: Value): string {
  const text = value === null ? '' : Array.isArray(value) ? value.join(';') : String(value)
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** How another system would name it: the settings that read what `writeForeignDrop` writes. */
export function foreignSettings(relations: readonly AnyRelation[]): NonNullable<ExtractsSettings['relations']> {
  return Object.fromEntries(
    relations.map(({ name, columns }) => [
      name,
      {
        files: `Export_?_${name}.*`,
        delimiter: 'semicolon' as const,
        columns: Object.fromEntries(
          Object.keys(columns).map((property): [string, string] => [columnName(property), foreignName(property)]),
        ),
      },
    ]),
  )
}

const foreignName = (property: string) => `Z ${property.toUpperCase()}`

/**
 * Writes rows as a system would that knows nothing of the gateway: its own names and order of columns, one more of them, two
 * files a relation, the second as JSON Lines, and a manifest that names no relation and no format.
 */
export async function writeForeignDrop({ directory, asOf, rows }: Omit<DropOptions, 'format'>): Promise<void> {
  const files: unknown[] = []
  const write = async (file: string, text: string, count: number) => {
    await writeFile(join(directory, file), text)
    files.push({ file, sha256: sha256(text), rows: count })
  }
  for (const [relation, all] of rows) {
    const properties = Object.keys(relation.columns).toReversed()
    const [first, second] = [all.slice(0, all.length / 2), all.slice(all.length / 2)]
    const header = ['Mandant', ...properties.map(foreignName)]
    const lines = first.map(row => ['100', ...properties.map(name => row[name] ?? null)])
    await write(`Export_1_${relation.name}.csv`, csvText([header, ...lines], ';'), first.length)
    const objects = second.map(row => Object.fromEntries(properties.map(name => [foreignName(name), row[name]])))
    const text = objects.map(object => `${JSON.stringify({ ...object, Mandant: '100' })}\n`).join('')
    await write(`Export_2_${relation.name}.jsonl`, text, second.length)
  }
  await writeManifest(directory, asOf, files)
}

function jsonLines(rows: readonly Row[]): string {
  return rows
    .map(row => Object.fromEntries(Object.entries(row).map(([name, value]) => [columnName(name), value])))
    .map(row => `${JSON.stringify(row)}\n`)
    .join('')
}
