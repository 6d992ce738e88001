import type { ODataSettings } from '../../config/odata-schema.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { columnName } from '../../systems/relation.ts'
import { type CodeTable, type CodeValue, createCodeTable } from './codes.ts'
import { parseSource, type Reference, referenceOf, referencesOf, type Source } from './source.ts'

/**
 * A relation with its mapping: what a site wrote, with names resolved and every fault that shows without the service.
 * Called by the connector, once a relation. It asks nobody.
 */
type RelationSettings = ODataSettings['relations'][string]

export interface Join {
  readonly name: string
  readonly service: string
  readonly entitySet: string
  readonly where: string | null
  /** Field of the joined entity set → what it equals: one reference, or several put together. */
  readonly on: readonly (readonly [string, readonly Reference[]])[]
  readonly many: boolean
}

export type Parameter =
  | { readonly name: string; readonly kind: 'constant'; readonly value: string | number | boolean }
  | { readonly name: string; readonly kind: 'now' }
  /** `column` is the property name of a column of the relation, whose field is the parameter. */
  | { readonly name: string; readonly kind: 'column'; readonly column: string }

export type Origin =
  | { readonly kind: 'entities'; readonly entitySet: string; readonly where: string | null }
  | {
      readonly kind: 'function'
      readonly name: string
      readonly parameters: readonly Parameter[]
      readonly absent: readonly string[]
    }

export interface Mapping {
  readonly relation: AnyRelation
  /** Path of the service below `baseUrl`; empty: `baseUrl` itself. */
  readonly service: string
  readonly origin: Origin
  /** By property name. */
  readonly sources: ReadonlyMap<string, Source>
  readonly joins: readonly Join[]
  /** One line each, as `inspect` gives them. */
  readonly problems: readonly string[]
}

type Codes = string | Readonly<Record<string, CodeValue>>
export type CodeTables = ReadonlyMap<string, CodeTable>

export function compileMapping(relation: AnyRelation, settings: RelationSettings, tables: CodeTables): Mapping {
  const properties = new Map(Object.keys(relation.columns).map(property => [columnName(property), property]))
  const problems: string[] = []
  const joins = Object.entries(settings.joins).map(([name, join]) => joinOf(name, join, settings.service ?? ''))
  const sources = new Map<string, Source>()
  const context = {
    tableOf: (codes: Codes) => tableOf(codes, tables),
    isJoin: (name: string) => joins.some(join => join.name === name),
  }
  for (const [name, entry] of Object.entries(settings.columns)) {
    const property = properties.get(name)
    if (property === undefined) problems.push(`column ${name}: is mapped, and the relation has no such column`)
    else sources.set(property, parseSource(entry, context))
  }
  for (const [property, { sqlType }] of Object.entries(relation.columns)) {
    const name = columnName(property)
    const source = sources.get(property)
    if (source === undefined)
      problems.push(`column ${name}: expected ${sqlType}, there is no such column in the mapping`)
    else problems.push(...wrongReferences(referencesOf(source), joins).map(text => `column ${name}: ${text}`))
  }
  for (const [index, { name, on }] of joins.entries())
    for (const [, references] of on)
      problems.push(...wrongReferences(references, joins.slice(0, index)).map(text => `join ${name}: ${text}`))
  const mapping = { relation, service: settings.service ?? '', sources, joins }
  const origin = originOf(settings, properties)
  if (origin.kind === 'function') problems.push(...wrongParameters(relation, origin.parameters, sources))
  return { ...mapping, origin, problems }
}

function joinOf(name: string, join: RelationSettings['joins'][string], service: string): Join {
  const on = Object.entries(join.on).map(([theirs, ours]) => {
    const texts = typeof ours === 'string' ? [ours] : ours
    return [theirs, texts.map(referenceOf)] as const
  })
  return {
    name,
    service: join.service ?? service,
    entitySet: join.entitySet,
    where: join.where ?? null,
    on,
    many: join.many === true,
  }
}

function originOf(settings: RelationSettings, properties: ReadonlyMap<string, string>): Origin {
  if (settings.entitySet !== undefined)
    return { kind: 'entities', entitySet: settings.entitySet, where: settings.where ?? null }
  const parameters = Object.entries(settings.parameters ?? {}).map(([name, entry]): Parameter => {
    if (entry.constant !== undefined) return { name, kind: 'constant', value: entry.constant }
    if (entry.column === undefined) return { name, kind: 'now' }
    return { name, kind: 'column', column: properties.get(entry.column) ?? entry.column }
  })
  return { kind: 'function', name: settings.function ?? '', parameters, absent: settings.absent ?? [] }
}

function tableOf(codes: Codes, tables: CodeTables): CodeTable {
  if (typeof codes !== 'string') return createCodeTable(Object.entries(codes))
  const table = tables.get(codes)
  if (table === undefined)
    throw new TypeError(`the table ${codes} is not there, and the configuration passed its checks`)
  return table
}

function wrongReferences(references: readonly Reference[], joins: readonly Join[]): readonly string[] {
  return references.flatMap(({ join: name, many }) => {
    if (name === null) return []
    const join = joins.find(each => each.name === name)
    if (join === undefined) return [`there is no join ${name} before it`]
    if (join.many === many) return []
    return [
      join.many
        ? `the join ${name} has many rows: write ${name}/Field`
        : `the join ${name} has one row: write ${name}.Field`,
    ]
  })
}

function wrongParameters(
  relation: AnyRelation,
  parameters: readonly Parameter[],
  sources: ReadonlyMap<string, Source>,
): readonly string[] {
  const bound = parameters.filter(each => each.kind === 'column')
  return [
    ...bound.flatMap(({ name, column }) => {
      const source = sources.get(column)
      const isItsField = source?.kind === 'field' && source.reference.join === null && source.reference.field === name
      return isItsField && relation.key.includes(column)
        ? []
        : [`parameter ${name}: must take a column of the key, and that column be mapped to the field ${name}`]
    }),
    ...relation.key
      .filter(column => !bound.some(each => each.column === column))
      .map(column => `column ${columnName(column)}: is part of the key, and no parameter takes it`),
  ]
}

/** Where the rows come from, on one line. */
export function sourceOf({ service, origin, joins }: Mapping): string {
  const place = service === '' ? '' : `${service}/`
  const joined = joins.length === 0 ? '' : ` with ${joins.map(({ entitySet }) => entitySet).join(', ')}`
  return origin.kind === 'entities'
    ? `${place}${origin.entitySet}${joined}`
    : `function ${place}${origin.name}${joined} (lookups only: no pages, no totals)`
}
