import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Viewer } from '../model/viewer.ts'
import type { AnyRelation } from './connector.ts'
import type { Gate } from './gate.ts'
import { type GatheredLookups, gatherLookups } from './gathered-lookups.ts'
import type { Found } from './keyed-records.ts'
import type { RecordOf } from './record.ts'
import type { AccessOf, Grant, Value } from './relation.ts'
import type { Page, PageRequest, RestoredSystem } from './restored-system.ts'
import { visibleRows } from './visibility.ts'

/**
 * The restored systems behind the gate. Loaders call this and nothing deeper: no row is read unless its system is open
 * to the viewer, and none is handed on unless the system still is when the row arrives.
 */
export interface Systems {
  /** For each key, its records or its error, in the keys' order. An empty grant reads nothing and finds nothing. */
  lookup<R extends AnyRelation>(
    viewer: Viewer,
    relation: R,
    columns: readonly string[],
    keys: readonly (readonly Value[])[],
    grant: Grant<AccessOf<R>>,
  ): Promise<readonly Found<R>[]>
  /** A page. A grant that shows no row at all is a mistake in the caller: throws. */
  page<R extends AnyRelation>(
    viewer: Viewer,
    relation: R,
    request: PageRequest,
    grant: Grant<AccessOf<R>>,
  ): Promise<Page<RecordOf<R>>>
}

export function createSystems(systems: Readonly<Record<SystemKey, RestoredSystem>>, gate: Gate): Systems {
  const lookups = Object.fromEntries(SYSTEM_KEYS.map(key => [key, gatherLookups(systems[key].lookup)])) as Record<
    SystemKey,
    GatheredLookups
  >

  async function gated<T>(viewer: Viewer, key: SystemKey, run: (confirm: () => void) => Promise<T>): Promise<T> {
    const epoch = gate.admit(key, viewer)
    const confirm = () => gate.confirm(key, viewer, epoch)
    const result = await run(confirm)
    confirm()
    return result
  }
  return {
    async lookup(viewer, relation, columns, keys, grant) {
      const visible = visibleRows(relation, grant)
      if (visible === null) return keys.map(() => [])
      return gated(
        viewer,
        relation.system,
        confirm =>
          lookups[relation.system](relation, columns, keys, visible, confirm) as Promise<
            readonly Found<typeof relation>[]
          >,
      )
    },
    async page(viewer, relation, request, grant) {
      const visible = visibleRows(relation, grant)
      if (visible === null) throw new TypeError(`a page of ${relation.name} was asked for without a grant`)
      return gated(viewer, relation.system, () => systems[relation.system].page(relation, request, visible))
    },
  }
}
