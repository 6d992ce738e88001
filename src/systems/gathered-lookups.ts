import { canonicalJson } from '../model/key.ts'
import type { Asker } from './asker.ts'
import type { AnyRelation, RowFilter } from './connector.ts'
import type { Found } from './keyed-records.ts'
import { createLookupLane, type Keys, type LookupLane } from './lookup-lane.ts'

/**
 * The look-ups of a restored system, gathered where it is busy. Of one kind are look-ups of one relation by the same columns
 * under the same filter of rows, so one that was gathered shows nobody more than its own would have. Called by `systems.ts`,
 * behind the gate, which is asked again for whoever had to wait.
 */
export type GatheredLookups = (
  relation: AnyRelation,
  columns: readonly string[],
  keys: Keys,
  visible: RowFilter,
  by: string,
  confirm: () => void,
) => Promise<readonly Found[]>

export function gatherLookups(
  lookUp: (
    relation: AnyRelation,
    columns: readonly string[],
    keys: Keys,
    visible: RowFilter,
    asker: Asker,
  ) => Promise<readonly Found[]>,
): GatheredLookups {
  const lanes = new Map<string, LookupLane<Found>>()
  return async (relation, columns, keys, visible, by, confirm) => {
    const kind = canonicalJson([relation.name, columns, visible])
    const lane =
      lanes.get(kind) ?? createLookupLane((gathered, asker) => lookUp(relation, columns, gathered, visible, asker))
    lanes.set(kind, lane)
    try {
      return await lane.lookUp(keys, by, confirm)
    } finally {
      // While its askers heard of it another may have taken its place.
      if (lane.isIdle() && lanes.get(kind) === lane) lanes.delete(kind)
    }
  }
}
