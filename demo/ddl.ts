import type { AnyRelation } from '../src/systems/connector.ts'
import { columnName } from '../src/systems/relation.ts'
import { vehicleWholesale } from '../src/systems/relations/wholesale-finance.ts'

/**
 * Tables for relations in PostgreSQL's words: for the embedded database, tests and benchmarks. A real site has tables of
 * its own and maps them. Text compares by code unit (`COLLATE "C"`), so that keyset pages are the same everywhere.
 */
export function createTables(schema: string, relations: readonly AnyRelation[]): string {
  const statements = [
    `CREATE SCHEMA ${quoted(schema)}`,
    `CREATE TABLE ${quoted(schema)}.freshness (as_of timestamptz NOT NULL)`,
    ...relations.flatMap(relation => [table(schema, relation), ...indexes(schema, relation)]),
  ]
  return `${statements.join(';\n')};\n`
}

/** `"schema"."relation"`. */
export const tableName = (schema: string, relation: AnyRelation): string => `${quoted(schema)}.${quoted(relation.name)}`

/** The columns of a relation in order, quoted and separated by commas. */
export const columnList = (names: readonly string[]): string => names.map(name => quoted(columnName(name))).join(', ')

function table(schema: string, relation: AnyRelation): string {
  const columns = Object.entries(relation.columns).map(([name, { kind, sqlType, optional }]) => {
    const collation = kind === 'text' || kind === 'texts' ? ' COLLATE "C"' : ''
    return `  ${quoted(columnName(name))} ${sqlType}${collation}${optional ? '' : ' NOT NULL'}`
  })
  const body = [...columns, `  PRIMARY KEY (${columnList(relation.key)})`].join(',\n')
  return `CREATE TABLE ${tableName(schema, relation)} (\n${body}\n)`
}

/** One per lookup and one per owner in the order of pages, where the primary key does not begin with the same columns. */
function indexes(schema: string, relation: AnyRelation): readonly string[] {
  const { access, key, lookups, order } = relation
  const owners = access.kind === 'owned' ? access.columns.map(owner => [owner]) : [[]]
  const pages = owners.map(owner => [...owner, ...order.columns.filter(name => !owner.includes(name))])
  const lists = new Set([...lookups, ...pages].filter(names => !isPrefix(names, key)).map(columnList))
  const on = `ON ${tableName(schema, relation)}`
  return [
    ...[...lists].map(list => `CREATE INDEX ${on} (${list})`),
    ...(relation === vehicleWholesale ? [`CREATE UNIQUE INDEX ${on} (vin) WHERE status <> 'CREDITED'`] : []),
  ]
}

const isPrefix = (names: readonly string[], whole: readonly string[]): boolean =>
  names.every((name, index) => whole[index] === name)

const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`
