import type { MercuriusCacheOptions, MercuriusCachePolicy } from 'mercurius-cache'
import type { Clock } from '../model/clock.ts'
import type { FieldContext } from './context.ts'
import { isOfRecord, isPaged, type KeptField } from './kept-fields.ts'
import { type KeptValue, remainingSeconds } from './kept-value.ts'

/**
 * The field cache's policy, read from the SDL: every field of the root that reads a system and declares `@cacheControl`
 * keeps its whole record or page for that long, under the key that the guard made; what belongs to a record is kept in
 * `record-fields.ts`. Epochs in the key take the place of invalidation.
 */
export interface FieldCacheOptions {
  /** Single records kept in memory, and the records of all pages. */
  readonly entries: { readonly single: number; readonly paged: number }
  readonly kept: readonly KeptField[]
  /** Gives what counts a field's look-ups of one outcome; asked once, at start. */
  readonly counter: (field: string, outcome: LookupOutcome) => () => void
  /** Whether a store of all instances stands behind the memory, which then tells its own hits from misses. */
  readonly isShared: boolean
  readonly clock: Clock
}

/** Found in memory or in the shared store; read from the system; given by a look-up under way; without a key. */
export type LookupOutcome = 'hit' | 'miss' | 'shared' | 'skipped'

/** For fields without a time of their own, of which there are none; a storage without it is refused. */
const NO_TIME_SECONDS = 1

/** What a page counts for in the cache's size: the records that a list gives unless more are asked for. */
const RECORDS_A_PAGE = 50

export function fieldCacheOptions(options: FieldCacheOptions): MercuriusCacheOptions {
  const { entries, counter, isShared, clock } = options
  const kept = options.kept.filter(declaration => !isOfRecord(declaration))
  const pages = Math.ceil(entries.paged / RECORDS_A_PAGE / Math.max(1, kept.filter(isPaged).length))
  const counts = new Map<string, () => void>()
  const policy: Record<string, Record<string, unknown>> = {}
  for (const declaration of kept) {
    const { coordinate, maxAgeSeconds } = declaration
    for (const outcome of ['hit', 'miss', 'shared', 'skipped'] as const)
      counts.set(`${coordinate} ${outcome}`, counter(coordinate, outcome))
    const [type = '', field = ''] = coordinate.split('.')
    policy[type] ??= {}
    policy[type][field] = {
      ttl: (given: KeptValue) => remainingSeconds(given, maxAgeSeconds, clock.now()),
      key: ({ ctx }: { readonly ctx: FieldContext }) => ctx.cacheKey ?? '',
      skip: (_self: unknown, _args: unknown, context: FieldContext) => context.cacheKey === null,
      // What has expired stays until it is pushed out, so a store that counts entries must not hold pages as single ones.
      ...(isPaged(declaration) && { storage: { type: 'memory', options: { size: pages } } }),
    }
  }
  return {
    policy: policy as MercuriusCachePolicy,
    ttl: NO_TIME_SECONDS,
    storage: { type: 'memory', options: { size: entries.single } },
    onHit: (type: string, field: string) => counts.get(`${type}.${field} hit`)?.(),
    // Not in memory; whether it is a miss is known where the shared store was asked.
    ...(!isShared && { onMiss: (type: string, field: string) => counts.get(`${type}.${field} miss`)?.() }),
    onDedupe: (type: string, field: string) => counts.get(`${type}.${field} shared`)?.(),
    onSkip: (type: string, field: string) => counts.get(`${type}.${field} skipped`)?.(),
  }
}
