import type { Provenance } from '../model/provenance.ts'
import type { AnyRelation } from './connector.ts'
import type { Row, RowOf } from './relation.ts'

/**
 * A record: a row that passed the border, with its identity and its provenance. Frozen and JSON-safe, so that it can be
 * shared by every reader and is the same from a source and from a cache.
 */
export interface Sourced {
  /** Opaque and stable: names the relation and the key. It is the `id` of the schema's `Node` types. */
  readonly id: string
  readonly provenance: Provenance
}

export type RecordOf<R> = RowOf<R> & Sourced

/** The identity of a row of a relation. */
export function recordId(relation: AnyRelation, row: Row): string {
  return Buffer.from(JSON.stringify([relation.name, ...relation.key.map(column => row[column])])).toString('base64url')
}
