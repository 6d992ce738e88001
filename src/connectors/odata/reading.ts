import type { RawRow } from '../../systems/connector.ts'
import { untrusted } from './failure.ts'
import type { Dialect } from './filter.ts'
import { type JoinOptions, withJoins } from './joins.ts'
import { orderOf } from './keyset.ts'
import type { Mapping } from './mapping.ts'
import { pathOf, type Query } from './requests.ts'
import { type Entity, rowOf } from './row.ts'
import { entityOf, entityPages } from './service.ts'
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

/** What the service gives for a path, its own pages put together; no more than `most` entities (null: all). */
export async function entitiesAt(
  options: ReadingOptions,
  { mapping, shapes }: Dialect,
  path: string,
  most: number | null,
  signal: AbortSignal,
): Promise<readonly Entity[]> {
  const fields = fieldsOf(mapping, null)
  const entities: Entity[] = []
  for await (const page of entityPages(options, mapping.service, path, most, signal))
    entities.push(...page.map(raw => entityOf(options.system, raw, fields, shapes.own)))
  return entities
}

/** A row with the entity that it was made of. */
export interface MadeRow {
  readonly row: RawRow
  readonly own: Entity
}

export async function rowsOf(
  options: ReadingOptions,
  { mapping, shapes }: Dialect,
  entities: readonly Entity[],
  asOf: string,
  signal: AbortSignal,
): Promise<readonly MadeRow[]> {
  const assembled = await withJoins(options, mapping, shapes, mapping.joins, entities, signal)
  return assembled.map(each => ({ row: rowOf(options.system, mapping, each, asOf), own: each.own }))
}

export function queryOf(dialect: Dialect) {
  const { origin } = dialect.mapping
  return {
    select: fieldsOf(dialect.mapping, null),
    where: origin.kind === 'entities' ? origin.where : null,
    order: orderOf(dialect),
  }
}

/** The characters that a condition in place of `()` in the filter may have; none: less than 1. */
export function roomFor({ version, client, maxUrlLength }: ReadingOptions, { mapping }: Dialect, query: Query): number {
  const path = pathOf(version, entitySetOf(mapping), query)
  return path === null ? 0 : maxUrlLength - client.urlOf(mapping.service, path).length
}

/** Null: no row can pass. Throws `Error` where it would be longer than a URL may be. */
export function pathFor(
  { version, client, maxUrlLength }: ReadingOptions,
  { mapping }: Dialect,
  query: Query,
): string | null {
  const path = pathOf(version, entitySetOf(mapping), query)
  if (path !== null && client.urlOf(mapping.service, path).length > maxUrlLength)
    throw new Error(
      `relation ${mapping.relation.name}: the conditions do not fit in a URL of maxUrlLength, which is ${maxUrlLength}`,
    )
  return path
}

/** Throws `Error` for a function. */
export function entitySetOf({ origin, relation }: Mapping): string {
  if (origin.kind === 'entities') return origin.entitySet
  throw new Error(`relation ${relation.name} comes from a function, which answers lookups only: no pages and no totals`)
}
