import { isDeepStrictEqual } from 'node:util'
import DataLoader from 'dataloader'
import { GatewayError } from '../model/errors.ts'
import { canonicalJson, tupleOf } from '../model/key.ts'
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
  /** What is made of an object for its fields: once in the request, however many of them ask. Each kind has one `make`. */
  once<T>(of: object, make: () => T): T
}

const RECORDS_A_READ = 5_000

type AnyRecord = RecordOf<AnyRelation>

/** The look-ups of one relation by the same columns under the same grant; the casts below give back its record type. */
interface Lookup {
  readonly columns: readonly string[]
  readonly grant: Grant
  readonly loader: DataLoader<readonly Value[], readonly AnyRecord[], string>
  /** Of a look-up by the relation's own key. */
  readonly ones: Map<string, Promise<AnyRecord | null>>
}

export function createReads(systems: Systems, viewer: Viewer): Reads {
  const lookups = new Map<AnyRelation, Lookup[]>()
  const pages = new Map<string, Promise<Page<AnyRecord>>>()
  const made = new Map<object, unknown>()

  function lookupOf(relation: AnyRelation, columns: readonly string[], grant: Grant): Lookup {
    const known = lookups.get(relation) ?? []
    const found = known.find(lookup => isSameList(lookup.columns, columns) && isSameGrant(lookup.grant, grant))
    if (found !== undefined) return found
    const sort = inKeyOrder(relation)
    const loader = new DataLoader<readonly Value[], readonly AnyRecord[], string>(
      async keys => {
        const found = await systems.lookup(viewer, relation, columns, keys, grant)
        return found.map(records => (records instanceof GatewayError || records.length < 2 ? records : sort(records)))
      },
      { cacheKeyFn: tupleOf },
    )
    const lookup = { columns, grant, loader, ones: new Map() }
    lookups.set(relation, [...known, lookup])
    return lookup
  }

  function page(relation: AnyRelation, request: PageRequest, grant: Grant): Promise<Page<AnyRecord>> {
    const name = canonicalJson([relation.system, relation.name, request, grant])
    const known = pages.get(name) ?? systems.page(viewer, relation, request, grant)
    pages.set(name, known)
    return known
  }

  return {
    one(relation, key, grant) {
      const { loader, ones } = lookupOf(relation, relation.key, grant)
      const name = tupleOf(key)
      let one = ones.get(name)
      if (one === undefined) {
        one = loader.load(key).then(records => onlyOne(relation, records))
        ones.set(name, one)
      }
      return one as Promise<RecordOf<typeof relation> | null>
    },
    many: (relation, columns, values, grant) =>
      lookupOf(relation, columns, grant).loader.load(values) as unknown as Promise<
        readonly RecordOf<typeof relation>[]
      >,
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
    once<T>(of: object, make: () => T): T {
      let known = made.get(of) as T | undefined
      if (known === undefined) {
        known = make()
        made.set(of, known)
      }
      return known
    },
  }
}

function invalidData({ system }: AnyRelation, what: string): GatewayError {
  return new GatewayError('SYSTEM_DATA_INVALID', `${system} gave ${what}.`, { details: { system } })
}

function onlyOne(relation: AnyRelation, records: readonly AnyRecord[]): AnyRecord | null {
  if (records.length > 1) throw invalidData(relation, 'two records where there can be one')
  return records[0] ?? null
}

/** Sources answer in any order; answers must not depend on it. */
function inKeyOrder({ key }: AnyRelation): (records: readonly AnyRecord[]) => readonly AnyRecord[] {
  const compare = (a: AnyRecord, b: AnyRecord) => {
    for (const column of key) {
      const [left, right] = [a[column], b[column]]
      if (left === right) continue
      return (left ?? '') < (right ?? '') ? -1 : 1
    }
    return 0
  }
  return records => records.toSorted(compare)
}

function isSameGrant(a: Grant, b: Grant): boolean {
  const [one, other]: readonly GrantedFacts[] = [a, b]
  return one?.owner === other?.owner && isSameList(one?.sites, other?.sites) && isSameList(one?.roles, other?.roles)
}

/** What a grant of any kind may name. */
interface GrantedFacts {
  readonly owner?: string
  readonly sites?: readonly string[]
  readonly roles?: readonly string[]
}

function isSameList(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  if (a === b) return true
  return a !== undefined && b !== undefined && a.length === b.length && a.every((member, at) => member === b[at])
}
