import type { Clock } from '../../model/clock.ts'
import { deepFreeze } from '../../model/freeze.ts'
import type { Provenance } from '../../model/provenance.ts'
import type { Counters } from '../../observe/counters.ts'
import { mayBeGiven } from '../../recovery/lifecycle/last-known-good.ts'
import { provenanceOf } from '../../recovery/reading/provenance.ts'
import type { Recovery } from '../../recovery/recovery.ts'
import { Unanswered, within } from '../../store/bounded.ts'
import type { AnyRelation, RowFilter } from '../connector.ts'
import type { RecordOf } from '../record.ts'
import { type KeptEntry, openEntry, recordsOf } from './kept-entry.ts'
import { pageKey, recordsKeys } from './kept-key.ts'
import type { LastKnownGood, LastRead } from './last-known-good.ts'
import type { TextStorage } from './text-storage.ts'

/**
 * The finding half of last-known-good: looks for texts within a bound, and judges each that it finds, every time anew, by the
 * state of the restart as it is now. What is damaged, or may not be given, is as if it were not there.
 */
export interface FindingOptions {
  readonly texts: Pick<TextStorage, 'getMany'>
  readonly generation: string
  readonly recovery: Pick<Recovery, 'current'>
  readonly isKnownSite: (bpns: string) => boolean
  readonly clock: Clock
  readonly counters: Pick<Counters, 'count' | 'counter'>
}

/** Longest that a look may take: an answer waits for it, and has waited for the system before. */
const FIND_MS = 250

interface Found {
  readonly records: readonly RecordOf<AnyRelation>[]
  readonly entry: KeptEntry
  readonly provenance: Provenance
}

export function createFinding({
  texts,
  generation,
  recovery,
  isKnownSite,
  clock,
  counters,
}: FindingOptions): Pick<LastKnownGood, 'findRecords' | 'findPage'> {
  const counted = (['found', 'nothing', 'withheld', 'damaged'] as const).map(
    outcome => [outcome, counters.counter('last_known_good_finds', { outcome })] as const,
  )
  const counts = new Map(counted)

  async function textsUnder(keys: readonly string[]): Promise<readonly unknown[]> {
    try {
      return await within(texts.getMany(keys), FIND_MS)
    } catch (thrown) {
      const reason = thrown instanceof Unanswered ? 'timeout' : 'failed'
      counters.count('last_known_good_failures', { operation: 'find', reason })
      return []
    }
  }

  /** What stands under the key, or why it is not given. */
  function judged(key: string, sealed: unknown, relation: AnyRelation, visible: RowFilter) {
    const nowMs = clock.now()
    try {
      const entry = typeof sealed === 'string' ? openEntry(key, sealed, nowMs) : null
      if (entry === null) return 'nothing'
      const { state } = recovery.current()
      const system = state.systems[relation.system]
      if (!mayBeGiven(entry, state, relation.system, nowMs)) return 'withheld'
      // Where there were no rows, nobody said as of when, and no record shows it.
      const asOf = entry.asOf ?? new Date(entry.beganMs).toISOString()
      const provenance = deepFreeze<Provenance>({ ...provenanceOf(system, asOf), origin: 'LAST_KNOWN_GOOD' })
      return { records: recordsOf(relation, entry, visible, provenance, isKnownSite), entry, provenance }
    } catch {
      return 'damaged'
    }
  }

  function readUnder<T>(
    key: string,
    sealed: unknown,
    { relation, visible }: { readonly relation: AnyRelation; readonly visible: RowFilter },
    make: (found: Found) => T,
  ): LastRead<T> | null {
    const found = judged(key, sealed, relation, visible)
    counts.get(typeof found === 'string' ? found : 'found')?.()
    if (typeof found === 'string') return null
    return deepFreeze({ value: make(found), readAtMs: found.entry.beganMs })
  }

  return {
    async findRecords(lookup, keys) {
      const names = keys.map(recordsKeys(generation, lookup))
      const sealed = await textsUnder(names)
      return names.map((name, at) => readUnder(name, sealed[at], lookup, ({ records }) => records))
    },
    async findPage(page) {
      const name = pageKey(generation, page)
      if (name === null) return null
      const [sealed] = await textsUnder([name])
      return readUnder(name, sealed, page, ({ records, entry: { hasNextPage }, provenance }) => ({
        records,
        hasNextPage,
        provenance,
      }))
    },
  }
}
