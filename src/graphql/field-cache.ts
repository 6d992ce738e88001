import type { MercuriusCacheOptions, MercuriusCachePolicy } from 'mercurius-cache'
import type { Declarations } from '../operations/declarations.ts'
import type { FieldContext } from './context.ts'

/**
 * The field cache's policy, read from the SDL: every field that reads a system and declares `@cacheControl` keeps its
 * whole record for that long, under the key that the guard made. Epochs in the key take the place of invalidation.
 */
export interface FieldCacheOptions {
  /** Records kept in memory. */
  readonly entries: number
  readonly declarations: Declarations
  /** Gives what counts a field's look-ups of one outcome; asked once, at start. */
  readonly counter: (field: string, outcome: 'hit' | 'miss' | 'shared' | 'skipped') => () => void
}

/** What a system does not know is remembered only briefly: it may be entered at any moment. */
const UNKNOWN_MAX_AGE_SECONDS = 5

export function fieldCacheOptions(options: FieldCacheOptions): MercuriusCacheOptions {
  const { entries, declarations, counter } = options
  const counts = new Map<string, () => void>()
  const policy: Record<string, Record<string, unknown>> = {}
  for (const { coordinate, system, maxAgeSeconds } of declarations.values()) {
    if (system === null || !maxAgeSeconds) continue
    for (const outcome of ['hit', 'miss', 'shared', 'skipped'] as const)
      counts.set(`${coordinate} ${outcome}`, counter(coordinate, outcome))
    const [type = '', field = ''] = coordinate.split('.')
    policy[type] ??= {}
    policy[type][field] = {
      ttl: (record: unknown) => (record === null ? Math.min(UNKNOWN_MAX_AGE_SECONDS, maxAgeSeconds) : maxAgeSeconds),
      key: ({ ctx }: { readonly ctx: FieldContext }) => ctx.cacheKey ?? '',
      skip: (_self: unknown, _args: unknown, context: FieldContext) => context.cacheKey === null,
    }
  }
  return {
    policy: policy as unknown as MercuriusCachePolicy,
    // For fields without a time of their own, of which there are none; a storage without it is refused.
    ttl: UNKNOWN_MAX_AGE_SECONDS,
    storage: { type: 'memory', options: { size: entries } },
    onHit: (type: string, field: string) => counts.get(`${type}.${field} hit`)?.(),
    onMiss: (type: string, field: string) => counts.get(`${type}.${field} miss`)?.(),
    onDedupe: (type: string, field: string) => counts.get(`${type}.${field} shared`)?.(),
    onSkip: (type: string, field: string) => counts.get(`${type}.${field} skipped`)?.(),
  }
}
