import type { GraphQLSchema } from 'graphql'
import type { Clock } from '../model/clock.ts'
import { deepFreeze } from '../model/freeze.ts'
import { keyOf } from '../model/key.ts'
import type { Counters } from '../observe/counters.ts'
import { open, seal } from '../store/sealed-text.ts'
import { type Leases, MAX_TEXT_BYTES, type SharedTexts } from '../store/shared-store.ts'
import { createFleetFlights } from './fleet-flight.ts'
import { isLongerThan } from './json-length.ts'
import type { KeptField } from './kept-fields.ts'
import { type KeptValue, keptUntilMs } from './kept-value.ts'
import { replaceResolver, resolvedFields } from './resolved-fields.ts'

/**
 * The field cache's second tier, which all instances share: what this process does not hold is looked for there before
 * the system is read, and put there once it was. It stands between the resolver and the cache in memory, so a hot record
 * costs no round trip and one flight asks for all, those of other instances included. A store that fails is a miss. It never
 * delays an answer by a write.
 */
export interface SharedRecordsOptions {
  readonly store: SharedTexts
  readonly leases: Leases
  /** Names all that makes a record what it is beside its key: code, schema, mappings, site directory. */
  readonly generation: string
  readonly clock: Clock
  readonly counters: Pick<Counters, 'counter'>
}

/** To be called before the field cache wraps the resolvers, and after their results are boxed. */
export function shareRecords(
  schema: GraphQLSchema,
  fields: readonly KeptField[],
  options: SharedRecordsOptions,
  counter: (field: string, outcome: 'hit' | 'miss') => () => void,
): void {
  const { store, leases, generation, clock, counters } = options
  const inOneFlight = createFleetFlights(leases)
  const declared = new Map(fields.map(field => [field.coordinate, field]))
  const countDamaged = counters.counter('shared_store_damaged', { kind: 'record' })

  /** Undefined: not there. */
  async function read(key: string): Promise<KeptValue | undefined> {
    const sealed = await store.get(key).catch(() => null)
    if (sealed === null || sealed.length > MAX_TEXT_BYTES) return undefined
    const opened = open(key, sealed)
    if (opened === null) {
      countDamaged()
      return undefined
    }
    if (opened.expiresAt <= clock.now()) return undefined
    // What was sealed under this key was boxed by an instance of the same generation.
    const { value, readAtMs } = opened.value as KeptValue
    // The clock of the instance that wrote it may be ahead.
    return deepFreeze({ value, readAtMs: Math.min(readAtMs, clock.now()), lastKnownAtMs: null })
  }

  async function share(key: string, kept: KeptValue, maxAgeSeconds: number): Promise<void> {
    // What is unknown may be entered at any moment: each instance asks for itself.
    if (kept.value === null) return
    const expiresAt = keptUntilMs(kept, maxAgeSeconds)
    const remainingMs = expiresAt - clock.now()
    if (remainingMs < 1) return
    // Before it is written out and hashed, which takes milliseconds of a large one.
    if (isLongerThan(kept, MAX_TEXT_BYTES)) return
    await store.set(key, seal(key, JSON.stringify(kept), expiresAt), remainingMs)
  }

  for (const { coordinate, field, resolve } of resolvedFields(schema)) {
    const kept = declared.get(coordinate)
    if (kept === undefined) continue
    const countHit = counter(coordinate, 'hit')
    const countMiss = counter(coordinate, 'miss')
    replaceResolver(field, async (self, args, context, info) => {
      if (context.cacheKey === null) return resolve(self, args, context, info)
      const key = keyOf(generation, context.cacheKey)
      const found = await read(key)
      if (found !== undefined) {
        countHit()
        return found
      }
      countMiss()
      return inOneFlight({
        key,
        find: () => read(key),
        // Boxed just inside.
        read: async () => (await resolve(self, args, context, info)) as KeptValue,
        share: given => share(key, given, kept.maxAgeSeconds),
      })
    })
  }
}
