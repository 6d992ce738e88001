import type { RawRow } from '../../systems/connector.ts'
import type { RawEntity } from './answer.ts'
import { untrusted } from './failure.ts'
import type { Dialect } from './filter.ts'
import { type JoinOptions, withJoins } from './joins.ts'
import { orderOf } from './keyset.ts'
import { pathOf, type Query } from './requests.ts'
import { rowOf } from './row.ts'
import { entityOf } from './service.ts'
import { fieldsOf } from './shapes.ts'

/** What lookups and pages of an entity set share: its requests, and rows made of its entities. Called by both. */
export interface ReadingOptions extends JoinOptions {
  readonly pageSize: number
}

/** Two rows with one key, in one answer or on two pages: nobody can say which of them is right. */
export function refuseRepeats(
  options: ReadingOptions,
  dialect: Dialect,
  rows: readonly RawRow[],
  seen: Set<string>,
): void {
  const { relation } = dialect.mapping
  for (const row of rows) {
    const key = JSON.stringify(relation.key.map(name => row[name]))
    if (seen.has(key)) throw untrusted(options.system, `relation ${relation.name} has two rows with one key`)
    seen.add(key)
  }
}

export async function rowsOf(
  options: ReadingOptions,
  { mapping, shapes }: Dialect,
  entities: readonly RawEntity[],
  asOf: string,
  signal: AbortSignal,
): Promise<readonly RawRow[]> {
  const fields = fieldsOf(mapping, null)
  const own = entities.map(raw => entityOf(raw, fields, shapes.own))
  const assembled = await withJoins(options, mapping, shapes, mapping.joins, own, signal)
  return assembled.map(each => rowOf(mapping, each, asOf))
}

export function queryOf(dialect: Dialect) {
  const { origin } = dialect.mapping
  return {
    select: fieldsOf(dialect.mapping, null),
    where: origin.kind === 'entities' ? origin.where : null,
    order: orderOf(dialect),
  }
}

export function pathFor(
  { version, client, maxUrlLength }: ReadingOptions,
  { mapping }: Dialect,
  query: Query,
): string | null {
  const { origin, relation } = mapping
  if (origin.kind !== 'entities')
    throw new Error(
      `relation ${relation.name} comes from a function, which answers lookups only: no pages and no totals`,
    )
  const path = pathOf(version, origin.entitySet, query)
  if (path !== null && client.urlOf(mapping.service, path).length > maxUrlLength)
    throw new Error(
      `relation ${relation.name}: the conditions do not fit in a URL of maxUrlLength, which is ${maxUrlLength}`,
    )
  return path
}
