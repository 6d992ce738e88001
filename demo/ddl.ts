import type { AnyRelation } from '../src/systems/connector.ts'
import { columnName } from '../src/systems/relation.ts'
import { vehicleWholesale } from '../src/systems/relations/wholesale-finance.ts'

/**
 * Tables for relations in PostgreSQL's words: for the embedded database, a generated one, tests and benchmarks. A real site has
 * tables of its own and maps them. Text compares by code unit (`COLLATE "C"`), so that keyset pages are the same everywhere.
 */

/** A schema with its tables, keys and indexes, as one script. */
export function createTables(schema: string, relations: readonly AnyRelation[]): string {
  return script([...bareTables(schema, relations), ...relations.flatMap(relation => keyAndIndexes(schema, relation))])
}

/** Statements for a schema and its tables without keys or indexes: rows are copied in first, which is several times faster. */
export function bareTables(schema: string, relations: readonly AnyRelation[]): readonly string[] {
  return [
    `CREATE SCHEMA ${quoted(schema)}`,
    `CREATE TABLE ${quoted(schema)}.freshness (as_of timestamptz NOT NULL)`,
    ...relations.map(relation => table(schema, relation)),
  ]
}

/** The primary key; then an index per lookup and one per owner in the order of pages, where no key begins with the same columns. */
export function keyAndIndexes(schema: string, relation: AnyRelation): readonly string[] {
  const { access, key, lookups, order } = relation
  const owners = access.kind === 'owned' ? access.columns.map(owner => [owner]) : [[]]
  const pages = owners.map(owner => [...owner, ...order.columns.filter(name => !owner.includes(name))])
  const lists = new Set([...lookups, ...pages].filter(names => !isPrefix(names, key)).map(columnList))
  const name = tableName(schema, relation)
  return [
    `ALTER TABLE ${name} ADD PRIMARY KEY (${columnList(key)})`,
    ...[...lists].map(list => `CREATE INDEX ON ${name} (${list})`),
    ...(relation === vehicleWholesale ? [`CREATE UNIQUE INDEX ON ${name} (vin) WHERE status <> 'CREDITED'`] : []),
  ]
}

/** Statements as one text. */
export const script = (statements: readonly string[]): string => `${statements.join(';\n')};\n`

/** `"schema"."relation"`. */
export const tableName = (schema: string, relation: AnyRelation): string => `${quoted(schema)}.${quoted(relation.name)}`

/** The columns of a relation in order, quoted and separated by commas. */
export const columnList = (names: readonly string[]): string => names.map(name => quoted(columnName(name))).join(', ')

export const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`

function table(schema: string, relation: AnyRelation): string {
  const columns = Object.entries(relation.columns).map(([name, { kind, sqlType, optional }]) => {
    const collation = kind === 'text' || kind === 'texts' ? ' COLLATE "C"' : ''
    return `  ${quoted(columnName(name))} ${sqlType}${collation}${optional ? '' : ' NOT NULL'}`
  })
  return `CREATE TABLE ${tableName(schema, relation)} (\n${columns.join(',\n')}\n)`
}

const isPrefix = (names: readonly string[], whole: readonly string[]): boolean =>
  names.every((name, index) => whole[index] === name)
