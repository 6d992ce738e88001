import type { Columns, Relation, Value } from './relation.ts'

/**
 * The port that every connector implements. Connectors speak protocols and know systems; systems never know connectors.
 * Nothing here can write. Rows go out as the source has them, under the relation's property names; the border in
 * `border.ts` checks each one, so a connector may be wrong without a partner ever seeing it.
 */

/** Restricts a read to rows that the viewer may see, pushed down to the source. */
export type RowFilter =
  | { readonly kind: 'all' }
  /** `value` stands in one of the columns. */
  | { readonly kind: 'owner'; readonly columns: readonly string[]; readonly value: string }
  /** The column holds one of the values. */
  | { readonly kind: 'within'; readonly column: string; readonly values: readonly string[] }

/** One condition of a list's filter; all conditions of a list hold together. */
export type Condition =
  | { readonly column: string; readonly is: 'equal'; readonly value: Value }
  | { readonly column: string; readonly is: 'in'; readonly values: readonly Value[] }
  | { readonly column: string; readonly is: 'atLeast' | 'atMost' | 'above' | 'below'; readonly value: string | number }
  /** The column is a list of texts that holds this one. */
  | { readonly column: string; readonly is: 'holding'; readonly value: string }

export interface LookupQuery {
  /** The columns that the keys name, in order: one of the relation's `lookups`. */
  readonly columns: readonly string[]
  /** Each key has one value per column. No duplicates. */
  readonly keys: readonly (readonly Value[])[]
  readonly visible: RowFilter
}

export interface PageQuery {
  readonly visible: RowFilter
  readonly where: readonly Condition[]
  /** The values of the relation's order columns in the last row of the page before; null for the first page. */
  readonly after: readonly Value[] | null
  /** Rows wanted, at least 1. */
  readonly first: number
}

export type RawRow = Readonly<Record<string, unknown>>

export interface Reading {
  readonly rows: readonly RawRow[]
  /** The time the rows are as of, RFC 3339: never later than what they show. */
  readonly asOf: string
}

export interface PageReading extends Reading {
  readonly hasNextPage: boolean
}

export interface ControlTotals {
  readonly rows: number
  /** Sum of each column in `relation.sums`, as exact decimal text. */
  readonly sums: Readonly<Record<string, string>>
  readonly asOf: string
}

export type AnyRelation = Relation<Columns>

export interface Connector {
  /** Rows whose columns equal one of the keys, in any order, in one call for all keys. */
  lookup(relation: AnyRelation, query: LookupQuery, signal: AbortSignal): Promise<Reading>
  /** One page in the relation's order, by keyset and never by offset. */
  page(relation: AnyRelation, query: PageQuery, signal: AbortSignal): Promise<PageReading>
  /** Row count and control sums of the whole relation. */
  totals(relation: AnyRelation, signal: AbortSignal): Promise<ControlTotals>
  /** The time the source's data is as of, RFC 3339. */
  freshness(signal: AbortSignal): Promise<string>
  /**
   * Proves that the source answers, has the relations with their columns, and cannot be written to; throws otherwise,
   * and `WriteAccepted` where the source took a write.
   */
  probe(relations: readonly AnyRelation[], signal: AbortSignal): Promise<void>
  /** What is the matter although reads go on, such as a newer extract that is refused; null: nothing. Asks nobody. */
  warning(): string | null
  close(): Promise<void>
}

/** The source took a write that it has to refuse. */
export class WriteAccepted extends Error {
  override readonly name = 'WriteAccepted'
}
