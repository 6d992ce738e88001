import type { AnyRelation } from '../../systems/connector.ts'
import { likelyProperty, type Property, type Version } from './edm.ts'
import type { Mapping } from './mapping.ts'
import { joinsAskedFor, type Reference, referencesOf } from './source.ts'

/**
 * The types of what a mapping reads: from `$metadata`, or guessed where the service was never asked. Called by everything
 * that writes or reads a value.
 */
export interface Shape {
  /** Undefined: there is no such property. */
  property(field: string): Property | undefined
  /** Names of the properties that identify an entity. */
  readonly key: readonly string[]
}

export interface Shapes {
  readonly own: Shape
  readonly joined: ReadonlyMap<string, Shape>
}

/** The property behind a reference; throws where there is none, which `inspect` has told. */
export function propertyAt({ own, joined }: Shapes, { join, field }: Reference): Property {
  const property = (join === null ? own : joined.get(join))?.property(field)
  if (property === undefined) throw new Error(`the service has no field ${join === null ? '' : `${join}.`}${field}`)
  return property
}

/** The fields that a mapping reads of its own entities (null) or of a join's, each once. */
export function fieldsOf({ sources, joins }: Mapping, join: string | null): readonly string[] {
  const references = [
    ...[...sources.values()].flatMap(referencesOf),
    ...joins.flatMap(({ on }) => on.flatMap(([, ours]) => ours)),
  ]
  const own = references.filter(reference => reference.join === join).map(({ field }) => field)
  const theirs = joins.find(({ name }) => name === join)?.on.map(([field]) => field) ?? []
  return [...new Set([...theirs, ...own])]
}

/** The mapping of some columns only, with the joins that these need. */
export function narrowed(mapping: Mapping, columns: readonly string[]): Mapping {
  const sources = new Map([...mapping.sources].filter(([name]) => columns.includes(name)))
  const needed = new Set(
    [...sources.values()].flatMap(source => [
      ...referencesOf(source).map(({ join }) => join),
      ...joinsAskedFor(source),
    ]),
  )
  for (const { name, on } of mapping.joins.toReversed())
    if (needed.has(name)) for (const [, ours] of on) for (const { join } of ours) needed.add(join)
  return { ...mapping, sources, joins: mapping.joins.filter(({ name }) => needed.has(name)) }
}

/** As the columns are, where nothing is known of the service. */
export function likelyShapes(mapping: Mapping, version: Version): Shapes {
  const shapeOf = (join: string | null): Shape => ({
    property: field => likelyProperty(field, columnFrom(mapping, join, field), version),
    key: [],
  })
  return { own: shapeOf(null), joined: new Map(mapping.joins.map(({ name }) => [name, shapeOf(name)])) }
}

function columnFrom({ relation, sources }: Mapping, join: string | null, field: string) {
  const plain = [...sources].find(
    ([, source]) =>
      source.kind === 'field' &&
      source.codes === null &&
      source.pad === null &&
      source.reference.join === join &&
      source.reference.field === field,
  )
  return plain === undefined ? null : (relation.columns[plain[0] as keyof AnyRelation['columns']] ?? null)
}
