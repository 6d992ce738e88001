import { connectorPath } from '../config/connector-schema.ts'
import type { SystemConfig } from '../config/load-config.ts'
import { formatPath, type Problem } from '../model/operator-file.ts'
import type { SystemKey } from '../model/system.ts'
import type { AnyRelation } from '../systems/connector.ts'

/**
 * Which of a system's connectors reads which of its relations: the one that names it, or else the first that takes what is
 * not named. Called when the connectors are opened. It opens nothing.
 */
export type ConnectorConfig = SystemConfig['connectors'][number]

export interface Assignment {
  /** The relations of each connector, in the order of the configuration. */
  readonly relations: readonly (readonly AnyRelation[])[]
  readonly problems: readonly Problem[]
}

export function assignRelations(
  system: SystemKey,
  connectors: readonly ConnectorConfig[],
  relations: readonly AnyRelation[],
): Assignment {
  const placeOf = (index: number) => connectorPath(connectors, index)
  const named = connectors.map(connector => new Set(Object.keys(namedRelations(connector))))
  const taker = connectors.findIndex(takesUnnamed)
  const problems: Problem[] = []
  const problem = (index: number, name: string, text: string) =>
    problems.push({ path: ['systems', system, ...placeOf(index), 'relations', name], text })

  const known = new Set(relations.map(({ name }) => name))
  for (const [index, names] of named.entries())
    for (const name of names)
      if (!known.has(name)) problem(index, name, `is no relation of ${system}; it has ${[...known].join(', ')}`)

  const assigned: AnyRelation[][] = connectors.map(() => [])
  for (const relation of relations) {
    const [first, second] = named.flatMap((names, index) => (names.has(relation.name) ? [index] : []))
    if (second !== undefined)
      problem(second, relation.name, `is mapped by ${formatPath(placeOf(first ?? 0))} already; one connector reads it`)
    const owner = first ?? taker
    if (owner === -1) problem(0, relation.name, 'is missing; no connector says where the rows of this relation are')
    else assigned[owner]?.push(relation)
  }
  for (const [index, own] of assigned.entries())
    if (own.length === 0 && problems.length === 0)
      problems.push({ path: ['systems', system, ...placeOf(index)], text: 'reads no relation; leave it out' })
  return { relations: assigned, problems }
}

function namedRelations(connector: ConnectorConfig): Readonly<Record<string, unknown>> {
  return connector.kind === 'embedded-postgres' ? {} : (connector.relations ?? {})
}

function takesUnnamed(connector: ConnectorConfig): boolean {
  switch (connector.kind) {
    case 'embedded-postgres':
    case 'extracts':
      return true
    case 'postgres':
      return connector.schema !== undefined
    case 'odata':
      return false
    default:
      return connector satisfies never
  }
}
