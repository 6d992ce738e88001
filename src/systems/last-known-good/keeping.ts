import { LRUCache } from 'lru-cache'
import type { Clock } from '../../model/clock.ts'
import { GatewayError } from '../../model/errors.ts'
import type { Counters } from '../../observe/counters.ts'
import { type PastRead, restorationOf } from '../../recovery/lifecycle/last-known-good.ts'
import type { Recovery } from '../../recovery/recovery.ts'
import { Unanswered, within } from '../../store/bounded.ts'
import type { AnyRelation } from '../connector.ts'
import type { Found } from '../keyed-records.ts'
import type { Keys } from '../lookup-lane.ts'
import { type KeptEntry, rowsOf, sealEntry } from './kept-entry.ts'
import { pageKey, recordsKeys } from './kept-key.ts'
import type { Kept, KeptLookup, KeptPage, LastKnownGood } from './last-known-good.ts'
import type { TextEntry, TextStorage } from './text-storage.ts'
import { createWriteQueue } from './write-queue.ts'

/**
 * The writing half of last-known-good: what is read is queued as it is, which costs the answer next to nothing, and put into
 * words, sealed and written in small batches later. What stands there already, and is nearly as new, is not written again.
 */
export interface Keeping extends Pick<LastKnownGood, 'keepRecords' | 'keepPage'> {
  /** Writes what still waits, within a bound, and takes nothing more. */
  drain(): Promise<void>
}

export interface KeepingOptions {
  readonly texts: Pick<TextStorage, 'setMany'>
  readonly generation: string
  readonly recovery: Pick<Recovery, 'current'>
  readonly clock: Clock
  readonly counters: Pick<Counters, 'count' | 'counter'>
}

/** One entry that waits to be written. */
interface Waiting {
  readonly key: string
  readonly entry: () => KeptEntry
  readonly kept: Kept
}

interface Written {
  readonly entry: TextEntry
  readonly kept: Kept
}

const WRITE_MS = 2_000
const DRAIN_MS = 2_000
/** Records that may wait to be written, each entry counted as one more: with what a record holds, some ten megabytes. */
const MOST_WAITING = 20_000
/** Records of one entry: more take too long to write out. */
const MOST_RECORDS = 500
/** One batch: as many entries as are put into words within the time. */
const BATCH_MS = 1
const MOST_IN_BATCH = 100
/** Keys of which it is known what was written under them. */
const MOST_KNOWN = 20_000
/** The same is written anew after this part of its time, and after a minute. */
const REWRITE_PART = 0.1
const REWRITE_MS = 60_000
/** Kept for longer than it may be given, so that who asks then learns that it is too old, and not that there is none. */
const OVERTIME = 2

export function createKeeping({ texts, generation, recovery, clock, counters }: KeepingOptions): Keeping {
  const known = new LRUCache<string, Kept>({ max: MOST_KNOWN })
  const [written, unchanged, full, large] = (['kept', 'unchanged', 'full', 'large'] as const).map(outcome =>
    counters.counter('last_known_good_writes', { outcome }),
  ) as [Count, Count, Count, Count]

  const queue = createWriteQueue<Waiting>({
    mostWeight: MOST_WAITING,
    onDropped: count => counters.count('last_known_good_writes', { outcome: 'dropped' }, count),
    async write(next) {
      try {
        const batch = nextBatch(next)
        if (batch.length === 0) return
        const results = await within(texts.setMany(batch.map(({ entry }) => entry)), WRITE_MS)
        for (const [at, one] of batch.entries()) {
          if (results[at] === true) {
            known.set(one.entry.key, one.kept)
            written()
          } else full()
        }
      } catch (thrown) {
        const reason = thrown instanceof Unanswered ? 'timeout' : 'failed'
        counters.count('last_known_good_failures', { operation: 'keep', reason })
      }
    },
  })

  /** Takes out of what waits as much as is put into words in a moment. */
  function nextBatch(next: () => Waiting | null): readonly Written[] {
    const batch = new Map<string, Written>()
    const untilMs = performance.now() + BATCH_MS
    while (batch.size < MOST_IN_BATCH && performance.now() < untilMs) {
      const item = next()
      if (item === null) break
      const { key } = item
      const after = keptAfter(batch.get(key)?.kept ?? known.get(key), item.kept)
      const ttl = after === null ? 0 : after.readAtMs + after.seconds * 1_000 * OVERTIME - clock.now()
      if (after === null || ttl < 1) unchanged()
      else {
        const value = sealEntry(key, item.entry(), clock.now() + ttl)
        batch.set(key, { entry: { key, value, ttl, by: item.kept.by }, kept: after })
      }
    }
    return [...batch.values()]
  }

  /** When and of which restoration it was read; null: what was read under another state may be of another. */
  function pastOf({ system }: AnyRelation, { readAtMs, epoch }: Kept): PastRead | null {
    const { state, epochs } = recovery.current()
    if (epochs[system] !== epoch) return null
    return { beganMs: readAtMs, endedMs: clock.now(), restoration: restorationOf(state, system) }
  }

  function isSmall(records: readonly unknown[]): boolean {
    if (records.length <= MOST_RECORDS) return true
    large()
    return false
  }

  function* recordsIn(lookup: KeptLookup, keys: Keys, results: readonly Found[], past: PastRead, kept: Kept) {
    const nameOf = recordsKeys(generation, lookup)
    for (const [at, key] of keys.entries()) {
      const records = results[at]
      if (records === undefined || records instanceof GatewayError || !isSmall(records)) continue
      const asOf = records[0]?.provenance.asOf ?? null
      const entry = () => ({ ...past, asOf, hasNextPage: false, rows: rowsOf(records) })
      yield { key: nameOf(key), entry, kept }
    }
  }

  function* pageIn(page: KeptPage, { records, hasNextPage, provenance }: GivenPage, past: PastRead, kept: Kept) {
    const key = pageKey(generation, page)
    if (key === null || !isSmall(records)) return
    yield { key, entry: () => ({ ...past, asOf: provenance.asOf, hasNextPage, rows: rowsOf(records) }), kept }
  }

  return {
    keepRecords(lookup, keys, results, kept) {
      const past = pastOf(lookup.relation, kept)
      if (past === null) return
      const items = recordsIn(lookup, keys, results, past, kept)
      queue.add({ size: keys.length, weight: keys.length + recordsOf(results), items })
    },
    keepPage(page, given, kept) {
      const past = page.request.after === null ? pastOf(page.relation, kept) : null
      if (past === null) return
      queue.add({ size: 1, weight: 1 + given.records.length, items: pageIn(page, given, past, kept) })
    },
    drain: () => queue.drain(DRAIN_MS),
  }
}

type Count = () => void
type GivenPage = Parameters<LastKnownGood['keepPage']>[1]

function recordsOf(results: readonly Found[]): number {
  return results.reduce((sum, found) => sum + (found instanceof GatewayError ? 0 : found.length), 0)
}

/** What stands under a key once this is written; null: what stands there is as good. */
function keptAfter(before: Kept | undefined, next: Kept): Kept | null {
  if (before === undefined || before.epoch !== next.epoch) return next
  const everyMs = Math.min(next.seconds * 1_000 * REWRITE_PART, REWRITE_MS)
  // Where the clock was set back, what stands there lies ahead and may not be given.
  if (Math.abs(next.readAtMs - before.readAtMs) < everyMs && next.seconds <= before.seconds) return null
  // Several fields may share a record, and the one that may have it longest decides.
  return { ...next, seconds: Math.max(next.seconds, before.seconds) }
}
