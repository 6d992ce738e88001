import { GatewayError } from '../model/errors.ts'
import { canonicalJson, keyOf, tupleOf } from '../model/key.ts'
import type { AnyRelation, LookupQuery } from './connector.ts'
import { invalidData } from './invalid-data.ts'
import type { Found } from './keyed-records.ts'
import type { RecentFailures } from './shield/recent-failures.ts'
import { Refusal } from './shield/refusal.ts'

/** Reads that failed just now are not asked again: called by a restored system around its reads. */

/** A read of one thing; `nameOf` names it among all that is read, its filter of rows included. */
export async function rememberedRead<T>(
  failures: RecentFailures,
  nameOf: () => string,
  read: () => Promise<T>,
): Promise<T> {
  const known = failures.isEmpty() ? null : failures.find(nameOf())
  if (known !== null) throw known
  try {
    return await read()
  } catch (thrown) {
    if (speaksOfSystem(thrown)) failures.remember(nameOf(), thrown)
    throw thrown
  }
}

/**
 * A look-up that leaves out the keys whose own look-up failed just now, and remembers those that fail.
 *
 * @throws what the read throws; or what is remembered, where that is so of every key
 */
export async function rememberedLookup<R extends AnyRelation>(
  failures: RecentFailures,
  relation: R,
  query: LookupQuery,
  read: (query: LookupQuery) => Promise<readonly Found<R>[]>,
): Promise<readonly Found<R>[]> {
  const { keys } = query
  if (failures.isEmpty()) return remembering(failures, relation, query, read)
  const nameOf = namesOf(relation, query)
  const known = keys.map(key => failures.find(nameOf(key)))
  const asked = keys.filter((_, at) => known[at] === null)
  if (asked.length === keys.length) return remembering(failures, relation, query, read)
  if (asked.length === 0) {
    if (known.every(failure => failure?.code === known[0]?.code)) throw known[0]
    return known.map(failure => failure ?? invalidData(relation.system))
  }
  const found = (await remembering(failures, relation, { ...query, keys: asked }, read)).values()
  return known.map(failure => failure ?? found.next().value ?? invalidData(relation.system))
}

async function remembering<R extends AnyRelation>(
  failures: RecentFailures,
  relation: R,
  query: LookupQuery,
  read: (query: LookupQuery) => Promise<readonly Found<R>[]>,
): Promise<readonly Found<R>[]> {
  try {
    const found = await read(query)
    if (found.some(isFailure)) {
      const nameOf = namesOf(relation, query)
      query.keys.forEach((key, at) => {
        const one = found[at]
        if (isFailure(one)) failures.remember(nameOf(key), one)
      })
    }
    return found
  } catch (thrown) {
    if (speaksOfSystem(thrown)) {
      const nameOf = namesOf(relation, query)
      for (const key of query.keys) failures.remember(nameOf(key), thrown)
    }
    throw thrown
  }
}

const speaksOfSystem = (thrown: unknown): thrown is GatewayError => isFailure(thrown) && !(thrown instanceof Refusal)
const isFailure = (found: unknown): found is GatewayError => found instanceof GatewayError

/** Names a key among all that is read; the filter of rows is a part of it. */
function namesOf(
  { name }: AnyRelation,
  { columns, visible }: LookupQuery,
): (key: LookupQuery['keys'][number]) => string {
  const kind = keyOf('lookup', canonicalJson([name, columns, visible]))
  return key => `${kind}${tupleOf(key)}`
}
