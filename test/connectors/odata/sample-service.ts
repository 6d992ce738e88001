import type { Column } from '../../../src/systems/columns.ts'
import type { AnyRelation } from '../../../src/systems/connector.ts'
import { columnName, type Row } from '../../../src/systems/relation.ts'
import { partStock } from '../../../src/systems/relations/parts-logistics.ts'
import { AS_OF, SAMPLE } from '../sample.ts'
import type { Served, ServedProperty, ServedSet, ServedValue } from './served.ts'

/**
 * The sample of the connector contract as an OData service, with a mapping for it. V2 has it the way SAP has: flags as
 * X, codes for words, line numbers as padded text, times without a zone, and empty text for null. Lists are entity sets.
 */
type Version = 'V2' | 'V4'

export const SERVICE = 'SAMPLE_SRV'

export const pascal = (name: string) => name.replace(/(?:^|_)([a-z])/g, (_all, letter: string) => letter.toUpperCase())
export const fieldOf = (property: string) => pascal(columnName(property))

interface Mapped {
  readonly type: ServedProperty
  readonly mapping: unknown
  readonly served: (value: Row[string]) => ServedValue
}

const TYPES: Readonly<Record<Version, Readonly<Record<Exclude<Column['kind'], 'texts'>, string>>>> = {
  V2: {
    text: 'Edm.String',
    integer: 'Edm.Int32',
    decimal: 'Edm.Decimal',
    date: 'Edm.DateTime',
    timestamp: 'Edm.DateTimeOffset',
    boolean: 'Edm.Boolean',
  },
  V4: {
    text: 'Edm.String',
    integer: 'Edm.Int32',
    decimal: 'Edm.Decimal',
    date: 'Edm.Date',
    timestamp: 'Edm.DateTimeOffset',
    boolean: 'Edm.Boolean',
  },
}

/** The property that holds values of a column as they are; of a list, one of them. */
export function propertyFor(version: Version, { kind, sqlType }: Column): ServedProperty {
  const type = TYPES[version][kind === 'texts' ? 'text' : kind]
  const [, size, scale] = /\((\d+)(?:,(\d+))?\)/.exec(sqlType) ?? []
  if (kind === 'text') return { type, maxLength: Number(size) }
  return kind === 'decimal' ? { type, precision: Number(size), scale: Number(scale) } : { type }
}

function mappedColumn(version: Version, relation: AnyRelation, property: string, column: Column): Mapped {
  const field = fieldOf(property)
  const place = `${relation.name}.${property}`
  if (version === 'V2' && place === 'part.active')
    return {
      type: { type: 'Edm.String', maxLength: 1 },
      mapping: { field, codes: { X: true, '': false } },
      served: value => (value ? 'X' : ''),
    }
  if (version === 'V2' && place === 'part_stock.stockStatus')
    return {
      type: { type: 'Edm.String', maxLength: 2 },
      mapping: { field, codes: 'stock' },
      served: value => (value === 'BLOCKED' ? '01' : '02'),
    }
  if (version === 'V2' && place === 'parts_order_line.positionId')
    return {
      type: { type: 'Edm.String', maxLength: 6 },
      mapping: { field, pad: 6 },
      served: value => String(value).padStart(6, '0'),
    }
  if (version === 'V2' && place === 'parts_order_line.orderedAt')
    return { type: { type: 'Edm.DateTime' }, mapping: field, served: String }
  const type = propertyFor(version, column)
  const isEmptyForNull = version === 'V2' && type.type === 'Edm.String'
  const isDay = type.type === 'Edm.DateTime'
  return {
    type,
    mapping: field,
    served: value =>
      value === null
        ? isEmptyForNull
          ? ''
          : null
        : isDay
          ? `${value}T00:00:00.000Z`
          : typeof value === 'boolean'
            ? value
            : String(value),
  }
}

const freshnessSet = (asOf: string): ServedSet => ({
  name: 'Freshness',
  key: ['Id'],
  properties: { Id: { type: 'Edm.String' }, AsOf: { type: 'Edm.DateTimeOffset' } },
  rows: [
    { Id: 'a', AsOf: '2025-10-01T00:00:00.000Z' },
    { Id: 'b', AsOf: asOf },
  ],
})

export function sampleService(version: Version, asOf = AS_OF): Served {
  const sets = [...SAMPLE].flatMap(([relation, rows]) => {
    const updated = relation === partStock ? rows.map(row => ({ ...row, lastUpdatedOn: asOf })) : rows
    return setsOf(version, relation, updated)
  })
  return { sets: [...sets, freshnessSet(asOf)] }
}

function setsOf(version: Version, relation: AnyRelation, rows: readonly Row[]): readonly ServedSet[] {
  const columns = Object.entries(relation.columns).map(
    ([property, column]) => [property, column, mappedColumn(version, relation, property, column)] as const,
  )
  const plain = columns.filter(([, column]) => column.kind !== 'texts')
  const key = relation.key.map(fieldOf)
  const propertiesOf = (some: typeof columns) =>
    Object.fromEntries(some.map(([property, , { type }]) => [fieldOf(property), type]))
  const valuesOf = (row: Row, some: typeof columns) =>
    Object.fromEntries(some.map(([property, , { served }]) => [fieldOf(property), served(row[property] ?? null)]))
  const keyColumns = columns.filter(([property]) => relation.key.includes(property))
  const lists = columns.filter(([, column]) => column.kind === 'texts')
  return [
    { name: pascal(relation.name), key, properties: propertiesOf(plain), rows: rows.map(row => valuesOf(row, plain)) },
    ...lists.map(([property]) => ({
      name: listSet(relation, property),
      key: [...key, 'Position'],
      properties: { ...propertiesOf(keyColumns), Position: { type: 'Edm.Int32' }, Item: { type: 'Edm.String' } },
      rows: rows.flatMap(row => {
        const list = row[property]
        return (Array.isArray(list) ? list : []).map((item, index) => ({
          ...valuesOf(row, keyColumns),
          Position: String(index),
          Item: String(item),
        }))
      }),
    })),
  ]
}

const listSet = (relation: AnyRelation, property: string) => `${pascal(relation.name)}${fieldOf(property)}`

/** The section `relations` for the sample. */
export function sampleMapping(version: Version): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...SAMPLE.keys()].map(relation => {
      const columns = Object.entries(relation.columns)
      const lists = columns.filter(([, column]) => column.kind === 'texts')
      const on = Object.fromEntries(relation.key.map(name => [fieldOf(name), fieldOf(name)]))
      return [
        relation.name,
        {
          service: SERVICE,
          entitySet: pascal(relation.name),
          columns: Object.fromEntries(
            columns.map(([property, column]) => [
              columnName(property),
              column.kind === 'texts'
                ? { collect: `${property}/Item` }
                : mappedColumn(version, relation, property, column).mapping,
            ]),
          ),
          joins: Object.fromEntries(
            lists.map(([property]) => [property, { entitySet: listSet(relation, property), on, many: true }]),
          ),
        },
      ]
    }),
  )
}
