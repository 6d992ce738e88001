import type { GraphQLSchema } from 'graphql'
import type { Clock } from '../model/clock.ts'
import type { FieldContext } from './context.ts'
import type { FieldCacheOptions } from './field-cache.ts'
import { isOfRecord, type KeptField } from './kept-fields.ts'
import { boxed, type KeptValue, keptUntilMs } from './kept-value.ts'
import { createRecentEntries } from './recent-entries.ts'
import { replaceResolver, resolvedFields } from './resolved-fields.ts'

/**
 * The field cache's memory for the fields of records, of which an answer has thousands: what is held is given at once,
 * without a promise, and what is not costs no more than its read. Who asks for what is being read joins that flight.
 */
export interface RecordFieldsOptions extends Pick<FieldCacheOptions, 'counter' | 'isShared'> {
  /** Most values that are held. */
  readonly entries: number
  readonly kept: readonly KeptField[]
  readonly clock: Clock
}

/** To be called where the field cache wraps the resolvers. It boxes what they give, but for what the shared store has boxed. */
export function keepRecordFields(schema: GraphQLSchema, options: RecordFieldsOptions): void {
  const { entries, kept, counter, isShared, clock } = options
  const declared = new Map(kept.filter(isOfRecord).map(field => [field.coordinate, field]))
  const held = createRecentEntries<KeptValue | Promise<KeptValue>>(entries)
  const box = isShared ? (given: unknown) => given as KeptValue : boxed

  for (const { coordinate, field, resolve } of resolvedFields(schema)) {
    const declaration = declared.get(coordinate)
    if (declaration === undefined) continue
    const { maxAgeSeconds } = declaration
    const isFresh = (kept: KeptValue) => keptUntilMs(kept, maxAgeSeconds) > clock.now()
    const onHit = counter(coordinate, 'hit')
    const onFlight = counter(coordinate, 'shared')
    const onSkip = counter(coordinate, 'skipped')
    // Whether it is a miss is known where the shared store was asked.
    const onMiss = isShared ? () => {} : counter(coordinate, 'miss')

    function keep(key: string, given: unknown, { beganAtMs, lastKnown }: FieldContext): KeptValue {
      const kept = box(given, beganAtMs, lastKnown.atMs)
      if (isFresh(kept)) held.set(key, kept)
      else held.delete(key)
      return kept
    }

    replaceResolver(field, (self, args, context, info) => {
      const { cacheKey: key, beganAtMs, lastKnown } = context
      if (key === null) {
        onSkip()
        const given = resolve(self, args, context, info)
        return given instanceof Promise
          ? given.then(landed => box(landed, beganAtMs, lastKnown.atMs))
          : box(given, beganAtMs, lastKnown.atMs)
      }
      const found = held.get(key)
      if (found instanceof Promise) {
        onFlight()
        return found
      }
      if (found !== undefined && isFresh(found)) {
        onHit()
        return found
      }
      onMiss()
      const given = resolve(self, args, context, info)
      if (!(given instanceof Promise)) return keep(key, given, context)
      const flight: Promise<KeptValue> = given.then(
        landed => keep(key, landed, context),
        failure => {
          // Nothing thrown is kept. Where this flight was pushed out, another may stand in its place.
          if (held.get(key) === flight) held.delete(key)
          throw failure
        },
      )
      held.set(key, flight)
      return flight
    })
  }
}
