import type { GatewayError } from '../model/errors.ts'
import { tupleOf } from '../model/key.ts'
import type { Provenance } from '../model/provenance.ts'
import { type Border, crossBorder } from './border.ts'
import type { AnyRelation, LookupQuery, RawRow } from './connector.ts'
import { invalidData } from './invalid-data.ts'
import type { RecordOf } from './record.ts'

/** What a system gave for one key: its records, or the error where some of its rows cannot be trusted. */
export type Found<R extends AnyRelation = AnyRelation> = readonly RecordOf<R>[] | GatewayError

/**
 * Sorts the rows of a look-up by the keys that were asked for, each checked at the border. Called by a restored system.
 *
 * @throws GatewayError SYSTEM_DATA_INVALID where a row that cannot be trusted may belong to any of the keys
 */
export function keyedRecords<R extends AnyRelation>(
  relation: R,
  { columns, keys, visible }: LookupQuery,
  rows: readonly RawRow[],
  provenance: Provenance,
  border: Border,
): readonly Found<R>[] {
  const keyText = (row: RawRow) => tupleOf(columns.map(column => row[column]))
  const asked = keys.map(tupleOf)
  const { records, rejected } = crossBorder(relation, rows, visible, provenance, border)
  const byKey = Map.groupBy(records, keyText)
  const spoilt = new Set(rejected.map(keyText))
  const named = new Set(asked)
  if ([...spoilt].some(key => !named.has(key))) throw invalidData(relation.system)
  return asked.map(key => (spoilt.has(key) ? invalidData(relation.system) : (byKey.get(key) ?? [])))
}
