import { createCounters } from '../../../src/observe/counters.ts'
import type { SystemState } from '../../../src/recovery/system-state.ts'
import type { AnyRelation } from '../../../src/systems/connector.ts'
import { createKeeper } from '../../../src/systems/last-known-good/keeper.ts'
import type { KeptLookup, KeptPage } from '../../../src/systems/last-known-good/last-known-good.ts'
import type { TextStorage } from '../../../src/systems/last-known-good/text-storage.ts'
import { type RecordOf, recordId } from '../../../src/systems/record.ts'
import { declaredState, recoveryOf } from '../../support/declared-recovery.ts'
import { until } from '../../support/shared-store.ts'
import { ALPHAS, KEY, line } from '../small-system.ts'
import { ALPHA } from '../viewer.ts'

/** Last-known-good over a storage, for the lines of a small system, with a clock and a state that a test moves. */

export const NOW = Date.parse('2025-10-08T05:30:00Z')
export const AS_OF = '2025-10-08T05:00:00.000Z'
export const at = (ms: number) => new Date(ms).toISOString()

const PROVENANCE = {
  system: KEY,
  asOf: AS_OF,
  origin: 'SYSTEM',
  reconciledThrough: null,
  gapFrom: null,
  gapUntil: null,
} as const

/** As the systems hand it on, whose relations are all alike to last-known-good. */
export function lineOf(number: string, position = 1, owner = ALPHA): RecordOf<AnyRelation> {
  const row = { number, position, owner }
  return { ...row, id: recordId(line, row), provenance: PROVENANCE } as unknown as RecordOf<AnyRelation>
}
export const LOOKUP: KeptLookup = { relation: line, columns: ['number'], visible: ALPHAS }
export const PAGE: KeptPage = { relation: line, request: { where: [], after: null, first: 10 }, visible: ALPHAS }

export function keeperOver(storage: TextStorage, generation = 'generation') {
  const recovery = recoveryOf()
  const counters = createCounters()
  let nowMs = NOW
  const keeper = createKeeper({
    storage,
    generation,
    recovery,
    isKnownSite: () => true,
    clock: { now: () => nowMs },
    counters,
  })
  const counted = (name: string) =>
    counters
      .snapshot()
      .filter(sample => [sample.name, ...Object.values(sample.labels)].join(' ').startsWith(`last_known_good_${name}`))
      .reduce((sum, { value }) => sum + value, 0)
  const keptNow = (seconds = 3_600) => ({
    by: ALPHA,
    readAtMs: nowMs,
    epoch: recovery.current().epochs[KEY],
    seconds,
  })
  /** Waits until so many more have been written, or found to be written already. */
  const settled = async (keep: () => void, count = 1) => {
    const done = () => counted('writes') + counted('failures keep')
    const before = done()
    keep()
    await until(() => done() >= before + count)
  }
  return {
    keeper,
    counted,
    keptNow,
    settled,
    become: (state: Partial<SystemState>) => recovery.declare(declaredState({ [KEY]: state })),
    declare: recovery.declare,
    pass: (ms: number) => {
      nowMs += ms
    },
    keepLines: (number: string, lines: readonly RecordOf<AnyRelation>[], kept = keptNow()) =>
      settled(() => keeper.keepRecords(LOOKUP, [[number]], [lines], kept)),
    find: async (number: string, lookup = LOOKUP) => (await keeper.findRecords(lookup, [[number]]))[0],
  }
}
