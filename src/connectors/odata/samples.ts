import type { RowFilter } from '../../systems/connector.ts'
import { columnName, type Value } from '../../systems/relation.ts'
import type { Read } from '../mapped-connector.ts'
import { namedColumn } from '../query.ts'
import { isNumeric, type Property } from './edm.ts'
import type { Dialect } from './filter.ts'
import { literalOf } from './literal.ts'
import { propertyAt } from './shapes.ts'
import type { Source } from './source.ts'

/**
 * Puts values that the mapping can ask for in the place of those that no row of it can have, so that people who write a
 * mapping see whole requests. Called by the explanation only. Throws `Error` where the mapping has no such value.
 */
export function withSamples(dialect: Dialect, read: Read): Read {
  const { relation } = dialect.mapping
  const tuple = (columns: readonly string[], values: readonly Value[]) =>
    columns.map((name, index) => sampleFor(dialect, name, values[index] ?? null))
  const visible = visibleSamples(dialect, read.query.visible)
  if (read.kind === 'lookup') {
    const { columns, keys } = read.query
    return { kind: 'lookup', query: { columns, keys: keys.map(key => tuple(columns, key)), visible } }
  }
  const { where, after, first } = read.query
  return {
    kind: 'page',
    query: { visible, where, after: after && tuple(relation.order.columns, after), first },
  }
}

function visibleSamples(dialect: Dialect, visible: RowFilter): RowFilter {
  switch (visible.kind) {
    case 'all':
      return visible
    case 'owner':
      return {
        ...visible,
        value: String(visible.columns.reduce<Value>((value, name) => sampleFor(dialect, name, value), visible.value)),
      }
    case 'within': {
      const values = visible.values.map((value, index) => String(sampleFor(dialect, visible.column, value, index)))
      return { ...visible, values: [...new Set(values)] }
    }
    default:
      return visible satisfies never
  }
}

/** `index`: which of the samples, where several are wanted. */
function sampleFor(dialect: Dialect, name: string, value: Value, index = 0): Value {
  const source = dialect.mapping.sources.get(name)
  if (source?.kind === 'field' && source.codes !== null) {
    const { values } = source.codes
    if (values.some(each => String(each) === String(value))) return value
    const sample = values[index % Math.max(1, values.length)]
    if (sample === undefined) throw new Error(`the codes of column ${columnName(name)} have no value`)
    return sample
  }
  return source?.kind === 'fields' ? togetherFor(dialect, name, source, value) : value
}

function togetherFor(
  { version, mapping, shapes }: Dialect,
  name: string,
  { fields, separator }: Extract<Source, { kind: 'fields' }>,
  value: Value,
): Value {
  const properties = fields.map(field => propertyAt(shapes, { join: null, many: false, field }))
  const isWhole = (text: string) => {
    const parts = text.split(separator)
    return (
      parts.length === fields.length &&
      properties.every((property, index) => literalOf(version, property, parts[index] ?? '') !== null)
    )
  }
  if (isWhole(String(value))) return value
  const { column } = namedColumn(mapping.relation, name)
  const candidates = ['SAMPLE', 'S'].map(text => properties.map(property => sampleOf(property, text)).join(separator))
  const sample = candidates.find(text => isWhole(text) && column.schema.safeParse(text).success)
  if (sample !== undefined) return sample
  throw new Error(
    `no value of column ${columnName(name)} can be put together of ${fields.join(', ')}, and taken apart by its separator`,
  )
}

function sampleOf(property: Property, text: string): string {
  if (isNumeric(property)) return '1'
  switch (property.type) {
    case 'Edm.String':
      return text.slice(0, property.maxLength ?? text.length)
    case 'Edm.Guid':
      return '00000000-0000-4000-8000-000000000000'
    case 'Edm.Boolean':
      return 'true'
    default:
      return '2025-10-01'
  }
}
