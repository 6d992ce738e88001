import { access, constants } from 'node:fs/promises'
import type { AnyRelation } from '../../systems/connector.ts'
import { columnName } from '../../systems/relation.ts'
import type { Inspection } from '../mapped-connector.ts'
import type { Refusal } from './load-thread.ts'
import { mappingOf, type RelationMapping, sourceOf } from './mapping.ts'

/** What the drop shows about the mapping and about who may write. Called by `connector.ts`. Reads no file's content. */
export interface Inspected {
  /** The relations that drops are loaded for, by name. */
  readonly loaded: ReadonlyMap<string, { readonly relation: AnyRelation; readonly mapping: RelationMapping }>
  /** Empty where a drop is served. */
  readonly refusals: readonly Refusal[]
}

export function inspectionOf(relation: AnyRelation, { loaded, refusals }: Inspected): Inspection {
  const found = loaded.get(relation.name)
  const source = sourceOf(relation, found?.mapping ?? mappingOf(undefined))
  if (found === undefined)
    return { relation: relation.name, source, lookupsOnly: false, problems: ['there are no extracts of it'] }
  const refused = refusals.filter(({ relation: name }) => name === relation.name).map(({ reason }) => reason)
  return {
    relation: relation.name,
    source,
    lookupsOnly: false,
    problems: [...refused, ...differences(found.relation, relation)],
  }
}

function differences(loaded: AnyRelation, relation: AnyRelation): readonly string[] {
  return Object.entries(relation.columns)
    .filter(([name, column]) => loaded.columns[name]?.sqlType !== column.sqlType)
    .map(([name, { sqlType }]) => {
      const found = loaded.columns[name]
      const instead = found === undefined ? 'there is no such column' : `found ${found.sqlType}`
      return `column ${columnName(name)}: expected ${sqlType}, ${instead}`
    })
}

/** Nothing is written to find out; the operating system is asked. */
export async function readOnlyProof(directory: string): Promise<string> {
  const mayWrite = await access(directory, constants.W_OK).then(
    () => true,
    () => false,
  )
  return mayWrite
    ? "files are opened for reading only; the gateway's user could write to their directory, which a read-only mount prevents"
    : "files are opened for reading only, and the gateway's user may not write to their directory"
}
