import { isDeepStrictEqual } from 'node:util'
import DataLoader from 'dataloader'
import type { Clock } from '../model/clock.ts'
import { GatewayError } from '../model/errors.ts'
import { canonicalJson, tupleOf } from '../model/key.ts'
import type { SystemKey } from '../model/system.ts'
import type { Viewer } from '../model/viewer.ts'
import type { AnyRelation, Condition } from '../systems/connector.ts'
import { LastKnown } from '../systems/last-known.ts'
import type { RecordOf } from '../systems/record.ts'
import type { AccessOf, Grant, Row, Value } from '../systems/relation.ts'
import type { Page, PageRequest } from '../systems/restored-system.ts'
import type { Systems } from '../systems/systems.ts'
import { createGivenUp } from './given-up.ts'
import { isSameGrant, isSameList } from './same-grant.ts'

/**
 * The reads of one request: all keys that its resolvers ask of a relation in one tick become one read, and nothing is
 * read twice. Made anew for every request and never shared, so that no partner can meet another's rows in it.
 */
export interface RequestReads {
  /** What one field may read, which is of its own system alone: a field's cache key names the epoch of no other. */
  of(source: Source): Reads
}

/** What a field declares of its reads. */
export interface Source {
  readonly system: SystemKey
  /** How old what the system gave last may be when it is given in the place of what it cannot give now; 0: never. */
  readonly lastKnownGoodSeconds: number
  /** Is told when it is: when the system gave it, in milliseconds since the Unix epoch. */
  readonly onLastKnown: (readAtMs: number) => void
}

/** The reads of one field. */
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
  readonly loader: DataLoader<readonly Value[], Given<readonly AnyRecord[]>, string>
  /** The longest that any field that reads here may have what was given last. */
  lastKnownGoodSeconds: number
}

type Given<T> = T | LastKnown<T>

export function createReads(systems: Systems, viewer: Viewer, clock: Clock): RequestReads {
  const lookups = new Map<AnyRelation, Lookup[]>()
  const pages = new Map<string, Promise<Given<Page<AnyRecord>>>>()
  const made = new Map<object, unknown>()
  const givenUp = createGivenUp()

  function lookupOf(relation: AnyRelation, columns: readonly string[], grant: Grant): Lookup {
    const known = lookups.get(relation) ?? []
    const found = known.find(lookup => isSameList(lookup.columns, columns) && isSameGrant(lookup.grant, grant))
    if (found !== undefined) return found
    const sort = inKeyOrder(relation)
    const loader = new DataLoader<readonly Value[], Given<readonly AnyRecord[]>, string>(
      async keys => {
        const { system } = relation
        const terms = { seconds: lookup.lastKnownGoodSeconds, givenUp: givenUp.of(system) }
        const read = systems.lookup(viewer, relation, columns, keys, grant, terms)
        const found = await givenUp.hear(system, read, all => all)
        return found.map(records => (Array.isArray(records) && records.length > 1 ? sort(records) : records))
      },
      { cacheKeyFn: tupleOf },
    )
    const lookup: Lookup = { columns, grant, loader, lastKnownGoodSeconds: 0 }
    lookups.set(relation, [...known, lookup])
    return lookup
  }

  function pageOf(relation: AnyRelation, request: PageRequest, grant: Grant, seconds: number) {
    const { system } = relation
    // What nobody may have later is not looked for either.
    const name = canonicalJson([system, relation.name, request, grant, seconds > 0])
    let page = pages.get(name)
    if (page === undefined) {
      const terms = { seconds, givenUp: givenUp.of(system) }
      page = givenUp.hear(system, systems.page(viewer, relation, request, grant, terms), given => [given])
      pages.set(name, page)
    }
    return page
  }

  function once<T>(of: object, make: () => T): T {
    let known = made.get(of) as T | undefined
    if (known === undefined) {
      known = make()
      made.set(of, known)
    }
    return known
  }

  return {
    of({ system, lastKnownGoodSeconds: seconds, onLastKnown }) {
      /** What was given now, or where the field may have it, what was given last. */
      function allowed<T>(given: Given<T>): T {
        if (!(given instanceof LastKnown)) return given
        const { lastRead, failure } = given
        if (seconds === 0) throw failure
        if (clock.now() - lastRead.readAtMs > seconds * 1_000) throw tooOld(system, lastRead.readAtMs, failure)
        onLastKnown(lastRead.readAtMs)
        return lastRead.value
      }

      function lookup(relation: AnyRelation, columns: readonly string[], values: readonly Value[], grant: Grant) {
        assertOf(system, relation)
        const found = lookupOf(relation, columns, grant)
        if (found.lastKnownGoodSeconds < seconds) found.lastKnownGoodSeconds = seconds
        return found.loader.load(values)
      }

      async function page<R extends AnyRelation>(relation: R, request: PageRequest, grant: Grant<AccessOf<R>>) {
        assertOf(system, relation)
        return allowed(await pageOf(relation, request, grant, seconds)) as Page<RecordOf<R>>
      }

      const ones = new Map<
        AnyRelation,
        Map<string, { readonly grant: Grant; readonly one: Promise<AnyRecord | null> }>
      >()
      return {
        one(relation, key, grant) {
          let ofRelation = ones.get(relation)
          if (ofRelation === undefined) {
            ofRelation = new Map()
            ones.set(relation, ofRelation)
          }
          const name = tupleOf(key)
          const known = ofRelation.get(name)
          if (known !== undefined && isSameGrant(known.grant, grant))
            return known.one as Promise<RecordOf<typeof relation> | null>
          const one = lookup(relation, relation.key, key, grant).then(given => onlyOne(relation, allowed(given)))
          ofRelation.set(name, { grant, one })
          return one as Promise<RecordOf<typeof relation> | null>
        },
        many: (relation, columns, values, grant) =>
          lookup(relation, columns, values, grant).then(allowed) as unknown as Promise<
            readonly RecordOf<typeof relation>[]
          >,
        page,
        async all(relation, where, grant) {
          const records: RecordOf<typeof relation>[] = []
          for (let after: readonly Value[] | null = null; ; ) {
            const {
              records: more,
              hasNextPage,
              provenance,
            }: Page<RecordOf<typeof relation>> = await page(relation, { where, after, first: RECORDS_A_READ }, grant)
            records.push(...more)
            if (!hasNextPage) return { records, provenance }
            const last = more.at(-1) as Row | undefined
            const next: readonly Value[] | null = last
              ? relation.order.columns.map(column => last[column] ?? null)
              : null
            // A source that says there is more and does not get on would be asked for ever.
            if (next === null || isDeepStrictEqual(next, after)) throw invalidData(relation, 'pages that lead nowhere')
            after = next
          }
        },
        once,
      }
    },
  }
}

function assertOf(system: SystemKey, relation: AnyRelation): void {
  if (relation.system !== system)
    throw new TypeError(`a field reads ${relation.name} and does not declare ${relation.system} as its @source`)
}

function tooOld(system: SystemKey, readAtMs: number, cause: GatewayError): GatewayError {
  const { retryAfterSeconds } = cause.details
  return new GatewayError(
    'DATA_TOO_OLD',
    `${system} cannot answer now, and what it gave last is too old to be given.`,
    {
      cause,
      details: {
        system,
        readAt: new Date(readAtMs).toISOString(),
        ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      },
    },
  )
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
