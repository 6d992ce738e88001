import { z } from 'zod'
import type { Column } from '../systems/columns.ts'
import type { AnyRelation, Condition, PageQuery, RowFilter } from '../systems/connector.ts'
import { columnName, type Value } from '../systems/relation.ts'
import type { Read } from './mapped-connector.ts'
import { namedColumn } from './query.ts'

/**
 * The reads that the gateway makes of a relation, one of each kind, with values that stand for no row: by each set of keys,
 * and pages as its viewers see them. Called to show people what a connector would send.
 */
export interface SampleRead {
  /** Such as `look-up by part_number`. */
  readonly title: string
  readonly read: Read
}

const ALL: RowFilter = { kind: 'all' }
const ROWS = 50

export function sampleReads(relation: AnyRelation): readonly SampleRead[] {
  const visible = sampleFilter(relation)
  const after = sampleValues(relation, relation.order.columns)
  const page = (title: string, rest: Partial<PageQuery>): SampleRead => ({
    title,
    read: { kind: 'page', query: { visible, where: [], after: null, first: ROWS, ...rest } },
  })
  const whose = { all: 'all rows', owner: "an owner's rows", within: 'the rows of two sites' }[visible.kind]
  return [
    ...relation.lookups.map(
      (columns): SampleRead => ({
        title: `look-up by ${columns.map(columnName).join(', ')}`,
        read: { kind: 'lookup', query: { columns, keys: [sampleValues(relation, columns)], visible } },
      }),
    ),
    page(`first page of ${whose}`, {}),
    page(`next page of ${whose}`, { after }),
    page('first page with a filter', { where: sampleConditions(relation) }),
    ...(visible.kind === 'all' ? [] : [page('first page of all rows, as config check reads it', { visible: ALL })]),
  ]
}

function sampleFilter(relation: AnyRelation): RowFilter {
  const { access } = relation
  switch (access.kind) {
    case 'open':
      return ALL
    case 'owned':
      return { kind: 'owner', columns: access.columns, value: BPNL_SAMPLE }
    case 'sited':
    case 'privileged':
      return { kind: 'within', column: access.column, values: BPNS_SAMPLES }
    default:
      return access satisfies never
  }
}

/** A code where there is one, and a bound of the first column of the order where that has a range. */
function sampleConditions(relation: AnyRelation): readonly Condition[] {
  const conditions: Condition[] = []
  const coded = Object.entries(relation.columns).find(
    ([, column]) => column.kind === 'text' && codesOf(column) !== null,
  )
  if (coded) conditions.push({ column: coded[0], is: 'in', values: (codesOf(coded[1]) ?? []).slice(0, 2) })
  const [first = ''] = relation.order.columns
  const { column } = namedColumn(relation, first)
  const value = sampleValue(column)
  if (column.kind === 'date' || column.kind === 'timestamp')
    conditions.push({ column: first, is: 'atLeast', value: String(value) })
  else if (conditions.length === 0) conditions.push({ column: first, is: 'equal', value })
  return conditions
}

function sampleValues(relation: AnyRelation, columns: readonly string[]): readonly Value[] {
  return columns.map(name => sampleValue(namedColumn(relation, name).column))
}

const BPNL_SAMPLE = 'BPNL00000000SMPL'
const BPNS_SAMPLES = ['BPNS00000000SMP1', 'BPNS00000000SMP2'] as const
/** The first that a column takes is its sample: what may be anything is called so, what has a form has one of these. */
const TEXTS = ['SAMPLE', BPNL_SAMPLE, BPNS_SAMPLES[0], 'SAMPLE00000000001', 'H87', 'EUR'] as const

/** A value that the column's own schema takes. */
export function sampleValue(column: Column): Value {
  switch (column.kind) {
    case 'text':
      return sampleText(column)
    case 'texts':
      return [codesOf(column)?.[0] ?? 'SAMPLE']
    case 'integer':
      return 10
    case 'decimal':
      return '1.5'
    case 'date':
      return '2025-10-01'
    case 'timestamp':
      return '2025-10-01T08:00:00.000Z'
    case 'boolean':
      return true
    default:
      return column.kind satisfies never
  }
}

function sampleText(column: Column): string {
  const [, length] = /^char\((\d+)\)$/.exec(column.sqlType) ?? []
  const candidates = [...(codesOf(column) ?? []), ...(length ? ['9'.repeat(Number(length))] : []), ...TEXTS]
  const sample = candidates.find(text => column.schema.safeParse(text).success)
  if (sample === undefined) throw new TypeError(`there is no sample of ${column.sqlType}`)
  return sample
}

/** The closed list of codes of a column, or of the members of one with lists; null: it has none. */
function codesOf({ schema }: Column): readonly string[] | null {
  return codesIn(z.toJSONSchema(schema, { io: 'input' }))
}

function codesIn({ enum: codes, items, anyOf = [] }: z.core.JSONSchema.BaseSchema): readonly string[] | null {
  if (codes) return codes.map(String)
  if (items !== undefined && typeof items === 'object' && !Array.isArray(items)) return codesIn(items)
  return anyOf.map(codesIn).find(found => found !== null) ?? null
}
