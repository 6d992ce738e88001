import type { MappedConnector } from '../../src/connectors/mapped-connector.ts'
import type { AnyRelation, PageQuery, RawRow } from '../../src/systems/connector.ts'
import type { Row } from '../../src/systems/relation.ts'
import { isShown, referencePage } from '../connectors/reference.ts'
import { AS_OF, SAMPLE } from '../connectors/sample.ts'

/** A source in memory that has the sample rows and does as the port says; a test makes it break a rule. */
export interface Breach {
  /** Rows on their way out. */
  readonly rows?: (relation: AnyRelation, rows: readonly RawRow[]) => readonly RawRow[]
  /** What is asked, as the source understands it. */
  readonly asked?: (query: PageQuery) => PageQuery
  readonly calls?: Partial<MappedConnector>
}

export interface MemoryConnector extends MappedConnector {
  readonly isClosed: () => boolean
}

export function createMemoryConnector({ rows = (_, all) => all, asked = query => query, calls }: Breach = {}) {
  let closed = false
  const all = (relation: AnyRelation) => SAMPLE.get(relation) ?? []
  const connector: MemoryConnector = {
    async lookup(relation, { columns, keys, visible }) {
      const wanted = new Set(keys.map(key => JSON.stringify(key)))
      const found = all(relation).filter(
        row => isShown(row, visible) && wanted.has(JSON.stringify(columns.map(name => row[name]))),
      )
      return { rows: rows(relation, found), asOf: AS_OF }
    },
    async page(relation, query) {
      const page = referencePage(relation, all(relation), asked(query))
      return { rows: rows(relation, page.rows), hasNextPage: page.hasNextPage, asOf: AS_OF }
    },
    totals: async relation => ({
      rows: all(relation).length,
      sums: Object.fromEntries(relation.sums.map(name => [name, '1.000'])),
      asOf: AS_OF,
    }),
    freshness: async () => AS_OF,
    probe: async () => {},
    inspect: async relations =>
      relations.map(({ name }) => ({ relation: name, source: `memory.${name}`, lookupsOnly: false, problems: [] })),
    proveReadOnly: async () => 'memory cannot be written to',
    explain: ({ name }, { kind }) => [`${kind} ${name}`],
    warning: () => null,
    close: async () => {
      closed = true
    },
    isClosed: () => closed,
    ...calls,
  }
  return connector
}

/** The same rows, the first of them changed. */
export const firstChanged =
  (change: Partial<Row>) =>
  (rows: readonly RawRow[]): readonly RawRow[] =>
    rows.map((row, index) => (index === 0 ? { ...row, ...change } : row))
