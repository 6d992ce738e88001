import type { MappedConnector } from '../../../src/connectors/mapped-connector.ts'
import type { AnyRelation, RawRow, RowFilter } from '../../../src/systems/connector.ts'
import type { Value } from '../../../src/systems/relation.ts'
import { connect } from './connecting.ts'
import type { ServedSet } from './served.ts'
import { type ODataServer, startODataServer } from './server.ts'
import { createTableEngine } from './table-engine.ts'

/** A connector over one service of a few entity sets, for tests that each need sets of their own. */
export interface Opened {
  readonly connector: MappedConnector
  readonly server: ODataServer
}

export const ALL: RowFilter = { kind: 'all' }
const opened: Opened[] = []

export const text = (maxLength: number) => ({ type: 'Edm.String', maxLength })

/** `settings` may name the version; it is V4. */
export async function openOver(
  sets: ServedSet | readonly ServedSet[],
  relations: object,
  settings: { readonly version?: 'V2' | 'V4'; readonly maxUrlLength?: number; readonly pageSize?: number } = {},
): Promise<Opened> {
  const { version = 'V4' } = settings
  const services = { S: { sets: [sets].flat() } }
  const server = await startODataServer({ version, services, pageLimit: 1_000, createEngine: createTableEngine })
  const connector = await connect({ ...settings, version, baseUrl: `${server.url}/S`, relations })
  opened.push({ connector, server })
  return { connector, server }
}

/** Ends what was opened. */
export async function closeServed(): Promise<void> {
  for (const { connector, server } of opened.splice(0)) {
    await connector.close()
    await server.close()
  }
}

/** All rows, page by page. */
export async function walk({ connector }: Opened, relation: AnyRelation, first: number, visible = ALL) {
  const { signal } = new AbortController()
  const rows: RawRow[] = []
  for (let after: readonly Value[] | null = null, more = true; more; ) {
    const reading = await connector.page(relation, { visible, where: [], after, first }, signal)
    rows.push(...reading.rows)
    more = reading.hasNextPage
    after = relation.order.columns.map(name => (reading.rows.at(-1)?.[name] ?? null) as Value)
  }
  return rows
}
