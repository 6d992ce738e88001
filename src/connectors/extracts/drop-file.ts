import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { sumOf } from '../../model/decimal.ts'
import { ensureError } from '../../model/errors.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { columnName, type Row, type Value } from '../../systems/relation.ts'
import { fileRows } from './file-rows.ts'
import { indexesOf, indexStatement, quoted, rowText, storedValue, tableStatement } from './layout.ts'
import type { ManifestFile } from './manifest.ts'
import { mappingProblems, type RelationMapping } from './mapping.ts'
import { digestOf, textsOf } from './regular-file.ts'
import { duplicateStatement } from './statements.ts'

/**
 * Writes one relation of a drop into the SQLite file, or refuses it: each of its files must be what the manifest says,
 * each row what the relation says, and no key may stand there twice. Called by the thread that loads.
 */
export interface RelationTotals {
  readonly rows: number
  /** By property, exact decimal text. */
  readonly sums: Readonly<Record<string, string>>
}

export interface RelationFiles {
  readonly directory: string
  readonly relation: AnyRelation
  readonly mapping: RelationMapping
  readonly files: readonly ManifestFile[]
}

/** `onRow` is told of each row that was written. Throws one `Error` that names file, line and column; it never shows a value. */
export async function writeRelation(
  database: DatabaseSync,
  source: RelationFiles,
  onRow: () => void,
): Promise<RelationTotals> {
  const { relation, mapping, files } = source
  const [problem] = mappingProblems(relation, mapping)
  if (problem !== undefined) throw new Error(problem)
  database.exec(tableStatement(relation))
  const width = Object.keys(relation.columns).length + 2
  const insert = database.prepare(`INSERT INTO ${quoted(relation.name)} VALUES (${Array(width).fill('?').join(', ')})`)
  const sums = createSums(relation)
  /** The last row id of each file. */
  const ends: { readonly file: string; readonly end: number }[] = []
  for (const listed of files) {
    const rows = await writeFile(insert, source, listed, row => {
      sums.add(row)
      onRow()
    })
    ends.push({ file: listed.file, end: (ends.at(-1)?.end ?? 0) + rows })
  }
  for (const index of indexesOf(relation)) {
    try {
      database.exec(indexStatement(relation, index))
    } catch (thrown) {
      if (!index.isUnique || !isConstraint(thrown)) throw thrown
      database.exec(indexStatement(relation, { ...index, isUnique: false }))
      const { position, line } = database.prepare(duplicateStatement(relation)).get() ?? {}
      const { file } = ends.find(({ end }) => Number(position) <= end) ?? { file: '?' }
      const key = relation.key.map(columnName).join(', ')
      throw new Error(`${file}:${line}: column ${key}: the key stands there twice`)
    }
  }
  return { rows: ends.at(-1)?.end ?? 0, sums: sums.totals() }
}

async function writeFile(
  insert: StatementSync,
  { directory, relation, mapping }: RelationFiles,
  listed: ManifestFile,
  onRow: (row: Row) => void,
): Promise<number> {
  const path = join(directory, listed.file)
  const digest = createHash('sha256')
  const columns = Object.entries(relation.columns)
  let rows = 0
  try {
    for await (const { values, line } of fileRows(textsOf(path, digest), listed, relation, mapping)) {
      const row = parseRow(relation, values, `${listed.file}:${line}`)
      insert.run(
        ...columns.map(([name, column]) => storedValue(column, row[name] ?? null)),
        line,
        rowText(relation, row),
      )
      onRow(row)
      rows += 1
    }
  } catch (thrown) {
    // Of a file that is not the one in the manifest, that is the thing to say, and not where it happens to break.
    requireDigest(listed, await digestOf(path))
    throw thrown
  }
  requireDigest(listed, digest.digest('hex'))
  if (rows !== listed.rows) throw new Error(`${listed.file}: has ${rows} rows, the manifest says ${listed.rows}`)
  return rows
}

function parseRow(relation: AnyRelation, values: Readonly<Record<string, unknown>>, place: string): Row {
  // Nearly every row is as the relation wants it; asking its schema costs more than all the rest of reading it.
  const { data, error } = isPlainRow(relation, values) ? { data: values } : relation.schema.safeParse(values)
  const problems = error
    ? error.issues.map(({ path, message }) => `column ${columnName(String(path[0]))}: ${message}`)
    : Object.entries(data)
        .filter(([, value]) => !isText(value))
        .map(([name]) => `column ${columnName(name)}: has NUL or half a surrogate pair, which no database holds`)
  if (error || problems.length > 0) throw new Error(`${place}: ${problems.join('; ')}`)
  return data
}

/** The schema would take all of its values exactly as they are. */
function isPlainRow({ columns }: AnyRelation, values: Readonly<Record<string, unknown>>): values is Row {
  for (const name in columns) if (!columns[name]?.isPlain(values[name])) return false
  return true
}

/** As text, such a value would be another, and could be taken for it. */
function isText(value: Value): boolean {
  if (typeof value === 'object') return value === null || value.every(isText)
  return typeof value !== 'string' || (value.isWellFormed() && !value.includes('\0'))
}

function requireDigest({ file, sha256 }: ManifestFile, digest: string): void {
  if (digest !== sha256) throw new Error(`${file}: its SHA-256 is not the one in the manifest`)
}

/** SQLite's own words for a key that is there already, https://sqlite.org/rescode.html#constraint_unique */
const SQLITE_CONSTRAINT_UNIQUE = 2067

function isConstraint(thrown: unknown): boolean {
  return (ensureError(thrown) as { errcode?: unknown }).errcode === SQLITE_CONSTRAINT_UNIQUE
}

/** Values that are summed at once: each sum costs a conversion of the total. */
const SUMMED_AT_ONCE = 1_000

function createSums({ sums }: AnyRelation) {
  const pending = new Map(sums.map((name): [string, string[]] => [name, ['0']]))
  return {
    add(row: Row): void {
      for (const [name, values] of pending) {
        const value = row[name] ?? null
        if (value === null) continue
        values.push(String(value))
        if (values.length > SUMMED_AT_ONCE) pending.set(name, [sumOf(values)])
      }
    },
    totals: (): Readonly<Record<string, string>> =>
      Object.fromEntries([...pending].map(([name, values]) => [name, sumOf(values)])),
  }
}
