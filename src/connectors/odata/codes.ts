import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import type { ODataSettings } from '../../config/odata-schema.ts'
import { readFailure } from '../../model/file-failure.ts'
import { ConfigError } from '../../model/operator-file.ts'

/**
 * A translation between the source's codes and the gateway's values, used in both directions: several codes may mean one
 * value. Called by the mapping. A code that the table does not have stays what it is.
 */
export type CodeValue = string | number | boolean

export interface CodeTable {
  /** Undefined: the table does not have the code. */
  valueOf(code: string): CodeValue | undefined
  /** Every code that means the value. */
  codesOf(value: CodeValue): readonly string[]
  /** All values, each once. */
  readonly values: readonly CodeValue[]
  /** Each value has one code only, so that rows can be paged by it. */
  readonly isOneToOne: boolean
}

export function createCodeTable(entries: Iterable<readonly [string, CodeValue]>): CodeTable {
  const values = new Map(entries)
  const codes = Map.groupBy(values.keys(), code => String(values.get(code)))
  return {
    valueOf: code => values.get(code),
    codesOf(value) {
      const text = String(value)
      const known = codes.get(text) ?? []
      return values.has(text) ? known : [...known, text]
    },
    values: [...new Set(values.values())],
    isOneToOne: codes.size === values.size,
  }
}

interface CodeFile {
  readonly file: string
  /** Names of the two columns in the header; undefined: two columns without a header. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** The tables of the settings, by name. Throws `ConfigError` where a file cannot be used. */
export async function readCodeTables(codes: ODataSettings['codes']): Promise<ReadonlyMap<string, CodeTable>> {
  const tables = Object.entries(codes).map(async ([name, { file, from, to, map }]) => {
    const table =
      file === undefined ? createCodeTable(Object.entries(map ?? {})) : await readCodeFile({ file, from, to })
    return [name, table] as const
  })
  return new Map(await Promise.all(tables))
}

/** Reads a table from CSV. Throws `ConfigError` that names file and line. */
export async function readCodeFile({ file, from, to }: CodeFile): Promise<CodeTable> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigError([`${file}: cannot be read: ${readFailure(cause)}`], { cause })
  })
  const [header = [], ...rows] = rowsOf(file, text)
  const [fromIndex, toIndex] =
    from === undefined || to === undefined ? [0, 1] : [header.indexOf(from), header.indexOf(to)]
  if (fromIndex < 0 || toIndex < 0)
    throw new ConfigError([`${file}:1: has no column ${fromIndex < 0 ? from : to}; must have ${from} and ${to}`])
  const entries = new Map<string, string>()
  for (const [index, row] of (from === undefined ? [header, ...rows] : rows).entries()) {
    const [code, value] = [row[fromIndex], row[toIndex]]
    const line = index + (from === undefined ? 1 : 2)
    if (code === undefined || value === undefined || value === '')
      throw new ConfigError([`${file}:${line}: must have a code and its value`])
    if (entries.has(code)) throw new ConfigError([`${file}:${line}: has a code that an earlier line has already`])
    entries.set(code, value)
  }
  return createCodeTable(entries)
}

function rowsOf(file: string, text: string): readonly (readonly string[])[] {
  try {
    return parse(text, { bom: true, skipEmptyLines: true }) as string[][]
  } catch {
    // The parser's own message quotes the line.
    throw new ConfigError([`${file}: is not CSV (RFC 4180) with the same number of columns in every line`])
  }
}
