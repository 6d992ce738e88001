import type { Column } from '../../systems/columns.ts'
import { columnName } from '../../systems/relation.ts'
import { isTypeOf, typeText } from './edm.ts'
import { type Dialect, isAskable } from './filter.ts'
import { isOrderable } from './keyset.ts'
import type { Mapping } from './mapping.ts'
import type { Shape } from './shapes.ts'
import { type Constant, type Reference, referencesOf, type Source } from './source.ts'

/** What is wrong with a mapping, held against what the service says of itself: one line each. Called by the connector. */

export function differences({ mapping, shapes }: Dialect): readonly string[] {
  const { relation, sources, joins } = mapping
  const perColumn = [...sources].flatMap(([property, source]) => {
    const column = relation.columns[property]
    if (column === undefined) return []
    const missing = referencesOf(source).filter(isMissing)
    const found =
      missing.length > 0 ? missing.map(({ field }) => `there is no such field ${field}`) : wrong(column, source)
    return found.map(text => `column ${columnName(property)}: expected ${column.sqlType}, ${text}`)
  })
  const perJoin = joins.flatMap(({ name, on }) => {
    const missing = [
      ...on.map(([field]) => ({ join: name, many: false, field })),
      ...on.flatMap(([, ours]) => ours),
    ].filter(isMissing)
    return missing.map(({ field }) => `join ${name}: there is no such field ${field}`)
  })
  return [...perColumn, ...perJoin, ...(mapping.origin.kind === 'entities' ? readable(mapping, shapes.own) : [])]

  /** A join that is not there has been told of already. */
  function isMissing(reference: Reference): boolean {
    const isKnown = reference.join === null || shapes.joined.has(reference.join)
    return isKnown && propertyOf(reference) === undefined
  }

  function propertyOf({ join, field }: Reference) {
    return (join === null ? shapes.own : shapes.joined.get(join))?.property(field)
  }

  function wrong(column: Column, source: Source): readonly string[] {
    switch (source.kind) {
      case 'field':
      case 'collect': {
        if ((source.kind === 'collect') !== (column.kind === 'texts'))
          return [`found ${source.kind === 'collect' ? 'a list' : 'one value'}`]
        if (source.codes !== null)
          return source.codes.values.flatMap(value =>
            unfit(column, source.kind === 'collect' ? [String(value)] : value),
          )
        const property = propertyOf(source.reference)
        if (property === undefined) return []
        const isDigits =
          source.kind === 'field' && source.pad !== null && column.kind === 'integer' && property.type === 'Edm.String'
        const item: Column = column.kind === 'texts' ? { ...column, kind: 'text' } : column
        return isDigits || isTypeOf(item, property) ? [] : [`found ${typeText(property)}`]
      }
      case 'fields':
        return column.kind === 'text' ? [] : ['found text']
      case 'constant':
        return unfit(column, source.value)
      case 'derive':
        return [...new Set(source.rules.flatMap(({ value }) => unfit(column, value)))]
      case 'fold': {
        const property = propertyOf(source.reference)
        const isSummable = source.fold !== 'sum' || column.kind === 'decimal'
        return property === undefined || (isSummable && isTypeOf(column, property))
          ? []
          : [`found ${typeText(property)}`]
      }
      case 'asOf':
        return column.kind === 'timestamp' ? [] : ['found timestamptz']
      default:
        return source satisfies never
    }
  }
}

/** The values come from the configuration, so they may be named. */
function unfit(column: Column, value: Constant): readonly string[] {
  const shown = value === true || value === 'true' || value === 'false' ? value === true || value === 'true' : value
  if (column.schema.safeParse(value).success || (column.kind === 'boolean' && typeof shown === 'boolean')) return []
  return [`found the value ${JSON.stringify(value).slice(0, 60)}`]
}

/** Whether rows can be found by every lookup, paged, and told apart. */
function readable(mapping: Mapping, own: Shape): readonly string[] {
  const { relation, sources, origin } = mapping
  const lookups = relation.lookups
    .filter(columns => !columns.some(name => isAskable(sources.get(name)) && sources.get(name)?.kind !== 'constant'))
    .map(columns => `lookup by ${columns.map(columnName).join(', ')}: no column of it is a field of the entity set`)
  const unordered = relation.order.columns
    .filter(name => sources.has(name) && !isOrderable(mapping, name))
    .map(
      name =>
        `column ${columnName(name)}: pages are sorted by it, which needs a plain field or codes that each mean one value`,
    )
  const named = new Set(
    relation.key.flatMap(name => referencesOf(sources.get(name) ?? { kind: 'asOf' }).map(({ field }) => field)),
  )
  const where = origin.kind === 'entities' ? (origin.where ?? '') : ''
  const loose = own.key.filter(field => !named.has(field) && !new RegExp(`\\b${field}\\b`).test(where))
  const key =
    loose.length === 0
      ? []
      : [
          `key: the entity set is identified by ${loose.join(', ')} too, so that two rows may have one key; a condition in where can hold it`,
        ]
  return [...lookups, ...unordered, ...key]
}
