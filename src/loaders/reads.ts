import { isDeepStrictEqual } from 'node:util'
import DataLoader from 'dataloader'
import { GatewayError } from '../model/errors.ts'
import { canonicalJson } from '../model/key.ts'
import type { Viewer } from '../model/viewer.ts'
import type { AnyRelation, Condition } from '../systems/connector.ts'
import type { RecordOf } from '../systems/record.ts'
import type { AccessOf, Grant, Row, Value } from '../systems/relation.ts'
import type { Page, PageRequest } from '../systems/restored-system.ts'
import type { Systems } from '../systems/systems.ts'

/**
 * The reads of one request: all keys that its resolvers ask of a relation in one tick become one read, and nothing is
 * read twice. Made anew for every request and never shared, so that no partner can meet another's rows in it.
 */
export interface Reads {
  /** The record with this key (the values of the relation's key columns, in order), or null. */
  one<R extends AnyRelation>(relation: R, key: readonly Value[], grant: Grant<AccessOf<R>>): Promise<RecordOf<R> | null>
  /** All records whose `columns`, one of the relation's look-ups, hold these values; in the relation's key order. */
  many<R extends AnyRelation>(
    relation: R,
    columns: readonly string[],
    values: readonly Value[],
    grant: Grant<AccessOf<R>>,
  ): Promise<readonly RecordOf<R>[]>
  page<R extends AnyRelation>(relation: R, request: PageRequest, grant: Grant<AccessOf<R>>): Promise<Page<RecordOf<R>>>
  /** Every record that meets the conditions: one read for all but very long lists. For sums, not for answers. */
  all<R extends AnyRelation>(
    relation: R,
    where: readonly Condition[],
    grant: Grant<AccessOf<R>>,
  ): Promise<Pick<Page<RecordOf<R>>, 'records' | 'provenance'>>
}

const RECORDS_A_READ = 5_000

/** Loaders are kept by name, so their types know any relation; the casts below give back the one that was asked for. */
type AnyRecord = RecordOf<AnyRelation>
type RelationLoader = DataLoader<readonly Value[], readonly AnyRecord[], string>

export function createReads(systems: Systems, viewer: Viewer): Reads {
  const loaders = new Map<string, RelationLoader>()
  const pages = new Map<string, Promise<Page<AnyRecord>>>()

  function loaderOf(relation: AnyRelation, columns: readonly string[], grant: Grant): RelationLoader {
    const name = canonicalJson([relation.system, relation.name, columns, grant])
    const known = loaders.get(name)
    if (known) return known
    const loader: RelationLoader = new DataLoader<readonly Value[], readonly AnyRecord[], string>(
      keys => systems.lookup(viewer, relation, columns, keys, grant),
      {
        cacheKeyFn: canonicalJson,
      },
    )
    loaders.set(name, loader)
    return loader
  }

  function page(relation: AnyRelation, request: PageRequest, grant: Grant): Promise<Page<AnyRecord>> {
    const name = canonicalJson([relation.system, relation.name, request, grant])
    const known = pages.get(name) ?? systems.page(viewer, relation, request, grant)
    pages.set(name, known)
    return known
  }

  return {
    async one(relation, key, grant) {
      const records = await loaderOf(relation, relation.key, grant).load(key)
      if (records.length > 1) {
        throw invalidData(relation, 'two records where there can be one')
      }
      return (records[0] ?? null) as RecordOf<typeof relation> | null
    },
    async many(relation, columns, values, grant) {
      const records = await loaderOf(relation, columns, grant).load(values)
      return records.toSorted(inKeyOrder(relation)) as unknown as readonly RecordOf<typeof relation>[]
    },
    page: (relation, request, grant) => page(relation, request, grant) as Promise<Page<RecordOf<typeof relation>>>,
    async all(relation, where, grant) {
      const records: AnyRecord[] = []
      for (let after: readonly Value[] | null = null; ; ) {
        const {
          records: more,
          hasNextPage,
          provenance,
        } = await page(relation, { where, after, first: RECORDS_A_READ }, grant)
        records.push(...more)
        if (!hasNextPage) return { records: records as unknown as readonly RecordOf<typeof relation>[], provenance }
        const last = more.at(-1)
        const next: readonly Value[] | null = last
          ? relation.order.columns.map(column => (last as Row)[column] ?? null)
          : null
        // A source that says there is more and does not get on would be asked for ever.
        if (next === null || isDeepStrictEqual(next, after)) throw invalidData(relation, 'pages that lead nowhere')
        after = next
      }
    },
  }
}

function invalidData({ system }: AnyRelation, what: string): GatewayError {
  return new GatewayError('SYSTEM_DATA_INVALID', `${system} gave ${what}.`, { details: { system } })
}

/** Sources answer in any order; answers must not depend on it. */
function inKeyOrder(relation: AnyRelation): (a: AnyRecord, b: AnyRecord) => number {
  return (a, b) => {
    for (const column of relation.key) {
      const [left, right] = [a[column], b[column]]
      if (left === right) continue
      return (left ?? '') < (right ?? '') ? -1 : 1
    }
    return 0
  }
}
