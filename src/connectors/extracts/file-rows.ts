import { Readable } from 'node:stream'
import { CsvError, type Info, parse } from 'csv-parse'
import type { Column } from '../../systems/columns.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { columnName } from '../../systems/relation.ts'
import type { ManifestFile } from './manifest.ts'

/**
 * Turns the text of one extract into rows under the relation's property names, one at a time and unchecked: CSV
 * (RFC 4180) with a header, or JSON Lines. Called by `drop.ts`, which checks each row. Throws `Error` naming file and
 * line, never a value.
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
): AsyncIterable<FileRow> {
  switch (format) {
    case 'csv':
      return csvRows(texts, file, relation)
    case 'jsonl':
      return jsonRows(texts, file, relation)
    default:
      return format satisfies never
  }
}

async function* csvRows(
  texts: AsyncIterable<string>,
  file: string,
  relation: AnyRelation,
): AsyncGenerator<FileRow, void> {
  const parser = parse({ info: true, max_record_size: MAX_LINE_LENGTH })
  const source = Readable.from(texts).on('error', error => parser.destroy(error))
  try {
    let header: readonly (readonly [string, Column])[] | null = null
    for await (const { record, info } of source.pipe(parser) as AsyncIterable<{ record: string[]; info: Info }>) {
      if (header === null) header = propertiesOf(record, relation, `${file}:1`)
      else {
        const values = header.map(([property, column], index) => [property, cellValue(column, record[index] ?? '')])
        yield { values: Object.fromEntries(values), line: info.lines }
      }
    }
    if (header === null) throw new Error(`${file}:1: there is no header`)
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
): AsyncGenerator<FileRow, void> {
  let line = 0
  for await (const text of linesOf(texts, file)) {
    line += 1
    const object = parsedObject(text, `${file}:${line}`)
    const properties = propertiesOf(Object.keys(object), relation, `${file}:${line}`)
    const values = properties.map(([property]) => [property, object[columnName(property)]])
    yield { values: Object.fromEntries(values), line }
  }
}

/** Pairs the names in a file with the relation's columns; every column must be there, once, and no other. */
function propertiesOf(names: readonly string[], relation: AnyRelation, place: string): readonly [string, Column][] {
  const columns = new Map(
    Object.entries(relation.columns).map(([property, column]) => [columnName(property), [property, column] as const]),
  )
  const missing = [...columns.keys()].filter(name => !names.includes(name))
  if (missing.length > 0) throw new Error(`${place}: no column ${missing.join(', ')}`)
  return names.map((name, index) => {
    const found = columns.get(name)
    if (found === undefined) throw new Error(`${place}: ${relation.name} has no column as the ${index + 1}th here`)
    if (names.indexOf(name) !== index) throw new Error(`${place}: column ${name} stands there twice`)
    return [...found]
  })
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
  return Object.fromEntries(Object.entries(value))
}
