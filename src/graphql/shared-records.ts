import { type GraphQLField, type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql'
import type { Clock } from '../model/clock.ts'
import { deepFreeze } from '../model/freeze.ts'
import { keyOf } from '../model/key.ts'
import type { Counters } from '../observe/counters.ts'
import { MAX_TEXT_BYTES, type SharedTexts } from '../store/shared-store.ts'
import type { FieldContext } from './context.ts'
import { isLongerThan } from './json-length.ts'
import type { KeptField } from './kept-fields.ts'
import { open, seal } from './sealed-text.ts'

/**
 * The field cache's second tier, which all instances share: what this process does not hold is looked for there before
 * the system is read, and put there once it was. It stands between the resolver and the cache in memory, so a hot record
 * costs no round trip and one flight asks for all. A store that fails is a miss. It never delays an answer by a write.
 */
export interface SharedRecordsOptions {
  readonly store: SharedTexts
  /** Names all that makes a record what it is beside its key: code, schema, mappings, site directory. */
  readonly generation: string
  readonly clock: Clock
  readonly counters: Pick<Counters, 'counter'>
}

export interface SharedRecords {
  /** Seconds that this process may hold what a field gave; what came from the store has used up some of its time. */
  remainingSeconds(value: unknown, maxAgeSeconds: number): number
}

/** A word or figure cannot carry how old it is, so each instance holds it only this long, and it is shared for less. */
const SCALAR_SECONDS = 5

/** To be called before the field cache wraps the resolvers, and after their results are made immutable. */
export function shareRecords(
  schema: GraphQLSchema,
  fields: readonly KeptField[],
  options: SharedRecordsOptions,
  counter: (field: string, outcome: 'hit' | 'miss') => () => void,
): SharedRecords {
  const { store, generation, clock, counters } = options
  const expiries = new WeakMap<object, number>()
  const countDamaged = counters.counter('shared_store_damaged', { kind: 'record' })

  /** Undefined: not there. */
  async function read(key: string): Promise<unknown> {
    const sealed = await store.get(key).catch(() => null)
    if (sealed === null || sealed.length > MAX_TEXT_BYTES) return undefined
    const opened = open(key, sealed)
    if (opened === null) {
      countDamaged()
      return undefined
    }
    if (opened.expiresAt <= clock.now()) return undefined
    const value = deepFreeze(opened.value)
    if (isObject(value)) expiries.set(value, opened.expiresAt)
    return value
  }

  async function share(key: string, value: unknown, maxAgeSeconds: number): Promise<void> {
    const seconds = isObject(value) ? maxAgeSeconds : maxAgeSeconds - SCALAR_SECONDS
    // What is unknown may be entered at any moment: each instance asks for itself.
    if (value === null || value === undefined || seconds <= 0) return
    // Before it is written out and hashed, which takes milliseconds of a large one.
    if (isLongerThan(value, MAX_TEXT_BYTES)) return
    await store.set(key, seal(key, JSON.stringify(value), clock.now() + seconds * 1_000), seconds * 1_000)
  }

  for (const { coordinate, maxAgeSeconds } of fields) {
    const field = fieldAt(schema, coordinate)
    const resolve = field?.resolve as FieldResolver | undefined
    if (!field || !resolve) throw new TypeError(`${coordinate} is kept and has no resolver`)
    const countHit = counter(coordinate, 'hit')
    const countMiss = counter(coordinate, 'miss')
    const shared: FieldResolver = async (self, args, context, info) => {
      if (context.cacheKey === null) return resolve(self, args, context, info)
      const key = keyOf(generation, context.cacheKey)
      const found = await read(key)
      if (found !== undefined) {
        countHit()
        return found
      }
      countMiss()
      const value = await resolve(self, args, context, info)
      // The answer does not depend on it, and the store counts its failures.
      void share(key, value, maxAgeSeconds).catch(() => {})
      return value
    }
    // It stands inside the guard, which gives it the field's own context.
    field.resolve = shared as unknown as GraphQLFieldResolver<unknown, unknown>
  }

  return {
    remainingSeconds(value, maxAgeSeconds) {
      if (!isObject(value)) return Math.min(SCALAR_SECONDS, maxAgeSeconds)
      const expiresAt = expiries.get(value)
      if (expiresAt === undefined) return maxAgeSeconds
      // Bounded, because the clock of the instance that wrote it may be ahead.
      return Math.min(maxAgeSeconds, Math.max(0, Math.floor((expiresAt - clock.now()) / 1_000)))
    },
  }
}

type FieldResolver = GraphQLFieldResolver<unknown, FieldContext>

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function fieldAt(schema: GraphQLSchema, coordinate: string): GraphQLField<unknown, unknown> | undefined {
  const [typeName = '', fieldName = ''] = coordinate.split('.')
  const type = schema.getType(typeName)
  return isObjectType(type) ? type.getFields()[fieldName] : undefined
}
