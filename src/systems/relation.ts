import { z } from 'zod'
import type { SystemKey } from '../model/system.ts'
import type { PartnerRole } from '../model/viewer.ts'
import type { Column, ValueOf } from './columns.ts'

/**
 * A relation: a named, typed set of rows of one restored system. Resolvers and loaders speak relations; connectors
 * turn them into SQL, OData or files. Row-level access is part of the relation, so no read can leave it out.
 */

/** Who may see which rows. */
export type Access =
  /** Every viewer who holds the field's scopes. */
  | { readonly kind: 'open' }
  /** The partner whose BPNL stands in one of these columns. */
  | { readonly kind: 'owned'; readonly columns: readonly [string, ...string[]] }
  /** Viewers who are served by the site in this column. */
  | { readonly kind: 'sited'; readonly column: string }
  /** Holders of one of these roles who are served by the site in this column. */
  | { readonly kind: 'privileged'; readonly column: string; readonly roles: readonly PartnerRole[] }

/** What a read must bring to see rows under each kind of access: an owned relation cannot be read without an owner. */
export type Grant<A extends Access = Access> = A extends { kind: 'owned' }
  ? { readonly owner: string }
  : A extends { kind: 'sited' }
    ? { readonly sites: readonly string[] }
    : A extends { kind: 'privileged' }
      ? { readonly sites: readonly string[]; readonly roles: readonly PartnerRole[] }
      : Readonly<Record<never, never>>

export type Columns = Readonly<Record<string, Column>>
export type Value = string | number | boolean | null | readonly string[]
export type Row = Readonly<Record<string, Value>>

export interface Relation<C extends Columns = Columns, A extends Access = Access> {
  readonly system: SystemKey
  /** Name in the system's schema, snake_case. */
  readonly name: string
  readonly columns: C
  /** The columns that identify a row. */
  readonly key: readonly string[]
  readonly access: A
  /** Column sets by which rows are looked up; the key is always one. Connectors index them. */
  readonly lookups: readonly (readonly string[])[]
  /** Total order of pages, ending in the key; no column of it is optional. */
  readonly order: { readonly columns: readonly string[]; readonly direction: 'ascending' | 'descending' }
  /** Numeric columns that `totals` sums, as control totals against the attested ones. */
  readonly sums: readonly string[]
  /** Columns whose values name sites. */
  readonly sites: readonly string[]
  /** Checks one row at the border. */
  readonly schema: z.ZodType<Row>
}

/** The row type of a relation. */
export type RowOf<R> = R extends Relation<infer C> ? { readonly [K in keyof C]: ValueOf<C[K]> } : never
export type AccessOf<R> = R extends Relation<Columns, infer A> ? A : never

interface Definition<C extends Columns, A extends Access> {
  readonly columns: C
  readonly key: readonly (keyof C & string)[]
  readonly access: A
  readonly lookups?: readonly (readonly (keyof C & string)[])[]
  readonly order?: { readonly by: readonly (keyof C & string)[]; readonly direction: 'ascending' | 'descending' }
  readonly sums?: readonly (keyof C & string)[]
}

/** Defines a relation; throws where its definition contradicts itself, which is a mistake in this code base. */
export function defineRelation<const C extends Columns, const A extends Access>(
  system: SystemKey,
  name: string,
  definition: Definition<C, A>,
): Relation<C, A> {
  const { columns, key, access, order, lookups = [], sums = [] } = definition
  if (key.length === 0) throw new TypeError(`${name}: nothing identifies a row`)
  const ordered = [...(order?.by ?? []), ...key.filter(name => !order?.by.includes(name))]
  for (const column of [...ordered, ...accessColumns(access)]) {
    if (columns[column] === undefined) throw new TypeError(`${name}: no column ${column}`)
    if (columns[column].optional)
      throw new TypeError(`${name}: ${column} identifies, owns or orders rows and cannot be optional`)
  }
  for (const column of [...lookups.flat(), ...sums]) {
    if (columns[column] === undefined) throw new TypeError(`${name}: no column ${column}`)
  }
  for (const column of sums) {
    if (!['integer', 'decimal'].includes(columns[column]?.kind ?? ''))
      throw new TypeError(`${name}: ${column} is no number and has no sum`)
  }
  return {
    system,
    name,
    columns,
    key,
    access,
    lookups: [key, ...lookups],
    order: { columns: ordered, direction: order?.direction ?? 'ascending' },
    sums,
    sites: Object.keys(columns).filter(column => columns[column]?.isSite),
    // An object made of entries has no type of its own; each column's schema gives a `Value`.
    schema: z.object(
      Object.fromEntries(Object.entries(columns).map(([n, c]) => [n, c.schema])),
    ) as unknown as z.ZodType<Row>,
  }
}

/** The columns that decide who may see a row. */
export function accessColumns(access: Access): readonly string[] {
  switch (access.kind) {
    case 'open':
      return []
    case 'owned':
      return access.columns
    case 'sited':
    case 'privileged':
      return [access.column]
    default:
      return access satisfies never
  }
}

/** `supplierInvoiceReference` → `supplier_invoice_reference`: the column's name in SQL and in files. */
export function columnName(property: string): string {
  return property.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
