import type { MercuriusCacheOptions, MercuriusCachePolicy } from 'mercurius-cache'
import type { Clock } from '../model/clock.ts'
import type { FieldDeclaration } from '../operations/declarations.ts'
import type { FieldContext } from './context.ts'
import type { KeptField } from './kept-fields.ts'
import { type KeptValue, remainingSeconds } from './kept-value.ts'

/**
 * The field cache's policy, read from the SDL: every field that reads a system and declares `@cacheControl` keeps its
 * whole record for that long, under the key that the guard made. Epochs in the key take the place of invalidation.
 */
export interface FieldCacheOptions {
  /** Records kept in memory, and again as many in pages. */
  readonly entries: number
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
  const { entries, kept, counter, isShared, clock } = options
  const pages = Math.ceil(entries / RECORDS_A_PAGE / Math.max(1, kept.filter(isPaged).length))
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
    storage: { type: 'memory', options: { size: entries } },
    onHit: (type: string, field: string) => counts.get(`${type}.${field} hit`)?.(),
    // Not in memory; whether it is a miss is known where the shared store was asked.
    ...(!isShared && { onMiss: (type: string, field: string) => counts.get(`${type}.${field} miss`)?.() }),
    onDedupe: (type: string, field: string) => counts.get(`${type}.${field} shared`)?.(),
    onSkip: (type: string, field: string) => counts.get(`${type}.${field} skipped`)?.(),
  }
}

/** Whether the client says how many records a field gives. */
function isPaged({ listSize }: FieldDeclaration): boolean {
  return listSize !== null && listSize.slicingArguments.length > 0
}
