import { Readable } from 'node:stream'
import { CsvError, type Info, parse } from 'csv-parse'
import type { Column } from '../../systems/columns.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { type Pick, picksOf } from './header.ts'
import type { ManifestFile } from './manifest.ts'
import type { RelationMapping } from './mapping.ts'

/**
 * Turns the text of one extract into rows under the relation's property names, one at a time and unchecked: CSV
 * (RFC 4180) with a header, or JSON Lines. Called by `drop-file.ts`, which checks each row. Throws `Error` naming file
 * and line, never a value.
 */
export interface FileRow {
  readonly values: Readonly<Record<string, unknown>>
  /** Counted from 1, the header included; of a row that spans lines, the last. */
  readonly line: number
}

/** Bounds the memory that one damaged line can take. */
const MAX_LINE_LENGTH = 1_048_576

export function fileRows(
  texts: AsyncIterable<string>,
  { file, format }: ManifestFile,
  relation: AnyRelation,
  mapping: RelationMapping,
): AsyncIterable<FileRow> {
  switch (format) {
    case 'csv':
      return csvRows(texts, file, relation, mapping)
    case 'jsonl':
      return jsonRows(texts, file, relation, mapping)
    default:
      return format satisfies never
  }
}

async function* csvRows(
  texts: AsyncIterable<string>,
  file: string,
  relation: AnyRelation,
  mapping: RelationMapping,
): AsyncGenerator<FileRow, void> {
  const parser = parse({ info: true, max_record_size: MAX_LINE_LENGTH, delimiter: mapping.delimiter })
  const source = Readable.from(texts).on('error', error => parser.destroy(error))
  try {
    let picks: readonly Pick[] | null = null
    for await (const { record, info } of source.pipe(parser) as AsyncIterable<{ record: string[]; info: Info }>) {
      if (picks === null) picks = picksOf(record, relation, mapping, `${file}:1`)
      else {
        const values: Record<string, unknown> = {}
        for (const { property, column, position } of picks) values[property] = cellValue(column, record[position] ?? '')
        yield { values, line: info.lines }
      }
    }
    if (picks === null) throw new Error(`${file}:1: there is no header`)
  } catch (thrown) {
    if (thrown instanceof CsvError) throw new Error(`${file}:${thrown.lines ?? '?'}: not CSV: ${thrown.code}`)
    throw thrown
  } finally {
    source.destroy()
  }
}

async function* jsonRows(
  texts: AsyncIterable<string>,
  file: string,
  relation: AnyRelation,
  mapping: RelationMapping,
): AsyncGenerator<FileRow, void> {
  let line = 0
  let names = ''
  let picks: readonly Pick[] | null = null
  for await (const text of linesOf(texts, file)) {
    line += 1
    const object = parsedObject(text, `${file}:${line}`)
    const found = Object.keys(object)
    // Nearly every line has the members of the one before.
    const members = found.join('\n')
    if (picks === null || members !== names) picks = picksOf(found, relation, mapping, `${file}:${line}`)
    names = members
    const values: Record<string, unknown> = {}
    for (const { property, name } of picks) values[property] = object[name]
    yield { values, line }
  }
}

/** What a cell says; what it does not say in the column's form stays text, which the relation's schema then refuses. */
function cellValue(column: Column, cell: string): unknown {
  if (column.kind === 'texts') return cell === '' ? (column.optional ? null : []) : cell.split(';')
  if (cell === '') return null
  if (column.kind === 'integer') return /^-?\d{1,15}$/.test(cell) ? Number(cell) : cell
  if (column.kind === 'boolean') return cell === 'true' ? true : cell === 'false' ? false : cell
  return cell
}

async function* linesOf(texts: AsyncIterable<string>, file: string): AsyncGenerator<string, void> {
  let rest = ''
  for await (const text of texts) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE_LENGTH) throw new Error(`${file}: a line is longer than ${MAX_LINE_LENGTH} characters`)
    yield* lines
  }
  if (rest !== '') yield rest
}

function parsedObject(text: string, place: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's own message quotes the line.
    throw new Error(`${place}: not JSON`)
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error(`${place}: no JSON object`)
  return value as Readonly<Record<string, unknown>>
}
