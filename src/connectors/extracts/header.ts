import type { Column } from '../../systems/columns.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { columnName } from '../../systems/relation.ts'
import type { RelationMapping } from './mapping.ts'

/**
 * Finds the relation's columns among the names that a file has: a header of CSV, the members of an object of JSON Lines.
 * Called by `file-rows.ts`. Shows a name only where others beside it are known: a file without a header begins with values.
 */
export interface Pick {
  readonly property: string
  readonly column: Column
  /** Its name in the file, and where that stands, from 0. */
  readonly name: string
  readonly position: number
}

/** Names that an error lists at most. */
const MOST_LISTED = 12

/** Every column must be there, once; others may stand beside them only where a site configured what is taken. */
export function picksOf(
  names: readonly string[],
  relation: AnyRelation,
  mapping: RelationMapping,
  place: string,
): readonly Pick[] {
  const wanted = Object.entries(relation.columns).map(([property, column]) => {
    const name = mapping.columns[columnName(property)] ?? columnName(property)
    return { property, column, name, position: names.indexOf(name) }
  })
  const missing = wanted.filter(({ position }) => position < 0).map(({ name }) => name)
  if (missing.length > 0) throw new Error(`${place}: no column ${missing.join(', ')}${insteadOf(names, wanted)}`)
  const taken = new Set(wanted.map(({ name }) => name))
  for (const [index, name] of names.entries()) {
    const isTaken = taken.has(name)
    if (!isTaken && mapping.pattern === null)
      throw new Error(`${place}: ${relation.name} has no column as the ${index + 1}th here`)
    if (isTaken && names.indexOf(name) !== index) throw new Error(`${place}: column ${name} stands there twice`)
  }
  return wanted
}

function insteadOf(names: readonly string[], wanted: readonly Pick[]): string {
  const known = new Set(wanted.map(({ name }) => name))
  const others = names.filter(name => !known.has(name))
  if (others.length === 0 || others.length === names.length) return ''
  return `; instead there is ${others.slice(0, MOST_LISTED).join(', ')}${others.length > MOST_LISTED ? ', …' : ''}`
}
