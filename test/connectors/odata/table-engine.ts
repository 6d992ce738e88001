import { DatabaseSync } from 'node:sqlite'
import { type Engine, sortable } from './engine-parts.ts'
import type { Served } from './served.ts'

/**
 * Another engine for the front in `server.ts`, for services of many rows: SQLite has a table for each entity set, indexed by
 * its key, and decides what a filter and an order mean. Like the other one it is given every value as text that sorts as
 * the value does.
 */
export async function createTableEngine(_version: 'V2' | 'V4', { sets }: Served): Promise<Engine> {
  const database = new DatabaseSync(':memory:')
  for (const { name, key, properties, rows } of sets) {
    const columns = Object.keys(properties)
    database.exec(`CREATE TABLE "${name}" (served_index INTEGER, ${columns.map(quoted).join(', ')})`)
    const insert = database.prepare(
      `INSERT INTO "${name}" VALUES (${['served_index', ...columns].map(() => '?').join(', ')})`,
    )
    database.exec('BEGIN')
    for (const [index, row] of rows.entries())
      insert.run(index, ...columns.map(column => sortable(properties[column]?.type ?? '', row[column] ?? null)))
    database.exec(`COMMIT; CREATE INDEX "${name} by key" ON "${name}" (${key.map(quoted).join(', ')})`)
  }
  return {
    async get(path) {
      const [name = '', text = ''] = path.split(/\?(.*)/s)
      const query = new URLSearchParams(text)
      const [filter, order, top, select] = ['$filter', '$orderby', '$top', '$select'].map(option => query.get(option))
      const clauses = [
        ...(filter ? [`WHERE ${condition(filter)}`] : []),
        ...(order ? [`ORDER BY ${order.replace(/\w+(?= (?:asc|desc)\b)/g, quoted)}`] : []),
        ...(top ? [`LIMIT ${Number(top)}`] : []),
      ]
      const found = database.prepare(`SELECT served_index AS "index" FROM "${name}" ${clauses.join(' ')}`).all()
      const all = Object.keys(sets.find(set => set.name === name)?.properties ?? {})
      const properties = select ? all.filter(property => select.split(',').includes(property)) : all
      return { status: 200, rows: found.map(({ index }) => ({ index: Number(index), properties })), count: null }
    },
  }
}

const quoted = (name: string) => `"${name}"`

const OPERATORS: Readonly<Record<string, string>> = { eq: '=', ne: '<>', gt: '>', ge: '>=', lt: '<', le: '<=' }

/** The front has made every literal text without a quote in it. */
function condition(filter: string): string {
  return filter.replace(
    /\b(\w+) (eq|ne|gt|ge|lt|le) (?=')/g,
    (_all, name: string, operator: string) => `${quoted(name)} ${OPERATORS[operator]} `,
  )
}
