import { tupleOf } from '../model/key.ts'
import type { Asker } from './asker.ts'
import type { Value } from './relation.ts'

/**
 * Lets look-ups of one kind wait for each other instead of crowding a system: while some are under way, what else is asked
 * is gathered, and goes out as one when the first of them is back. A quiet system is asked at once; the busier it is, the
 * more keys share a read. Called by the gathered look-ups, which say what is of one kind.
 */
export interface LookupLane<T> {
  /**
   * One result for each key, in their order.
   *
   * @param by the partner who asks
   * @param confirm is called before what has waited goes out; throws where its asker may no longer read, and then does not
   */
  lookUp(keys: Keys, by: string, confirm: () => void): Promise<readonly T[]>
  /** Whether nothing is under way, and so nothing waits. */
  isIdle(): boolean
}

export type Keys = readonly (readonly Value[])[]

/** Gives one result for each key, in their order. Of several askers, it is for the one who has waited longest. */
export type LookUp<T> = (keys: Keys, asker: Asker) => Promise<readonly T[]>

/** So many of a kind are under way at once before any has to wait: one that is slow does not hold up all others. */
const AT_ONCE = 2
/** More make one read slow for all who wait for it. */
const MOST_KEYS = 500

interface Waiting<T> {
  /** By their texts. */
  readonly keys: ReadonlyMap<string, readonly Value[]>
  readonly by: string
  readonly confirm: () => void
  readonly found: (found: Promise<ReadonlyMap<string, T>>) => void
}

/** What goes out as one. */
interface Gathering<T> {
  readonly askers: Waiting<T>[]
  readonly begunMs: number
  /** At most: some keys may be asked for by several. */
  keys: number
}

export function createLookupLane<T>(lookUp: LookUp<T>): LookupLane<T> {
  const gatherings: Gathering<T>[] = []
  let underWay = 0

  async function run(keys: Keys, asker: Asker): Promise<readonly T[]> {
    try {
      return await lookUp(keys, asker)
    } finally {
      // What waits takes its place.
      if (!sendNext()) underWay -= 1
    }
  }

  /** Each key once; false: nobody waits, or none of them may read any more. */
  function sendNext(): boolean {
    for (let next = gatherings.shift(); next !== undefined; next = gatherings.shift()) {
      const askers = next.askers.filter(isStillAdmitted)
      const [first] = askers
      if (first === undefined) continue
      const keys = new Map(askers.flatMap(asker => [...asker.keys]))
      const found = run([...keys.values()], {
        by: first.by,
        also: [...new Set(askers.map(({ by }) => by))],
        waitedMs: performance.now() - next.begunMs,
        confirm: () => assertAny(askers),
      }).then(results => new Map([...keys.keys()].map((name, at) => [name, results[at] as T] as const)))
      for (const asker of askers) asker.found(found)
      return true
    }
    return false
  }

  function isStillAdmitted({ confirm, found }: Waiting<T>): boolean {
    try {
      confirm()
      return true
    } catch (refusal) {
      found(Promise.reject(refusal))
      return false
    }
  }

  /** What has room for so many more. */
  function gatheringFor(count: number): Gathering<T> {
    const last = gatherings.at(-1)
    if (last !== undefined && last.keys + count <= MOST_KEYS) return last
    const gathering = { askers: [], begunMs: performance.now(), keys: 0 }
    gatherings.push(gathering)
    return gathering
  }

  return {
    async lookUp(keys, by, confirm) {
      if (underWay < AT_ONCE) {
        underWay += 1
        return run(keys, { by, waitedMs: 0, confirm })
      }
      const names = keys.map(tupleOf)
      const gathering = gatheringFor(keys.length)
      gathering.keys += keys.length
      const results = await new Promise<ReadonlyMap<string, T>>(found => {
        const named = new Map(keys.map((key, at) => [names[at] ?? '', key]))
        gathering.askers.push({ keys: named, by, confirm, found })
      })
      return names.map(name => results.get(name) as T)
    },
    isIdle: () => underWay === 0,
  }
}

/** It is asked for as long as one of them may read. */
function assertAny(askers: readonly { readonly confirm: () => void }[]): void {
  let refusal: unknown
  for (const { confirm } of askers) {
    try {
      confirm()
      return
    } catch (thrown) {
      refusal = thrown
    }
  }
  throw refusal
}
