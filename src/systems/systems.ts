import type { Clock } from '../model/clock.ts'
import { GatewayError } from '../model/errors.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Viewer } from '../model/viewer.ts'
import type { AnyRelation } from './connector.ts'
import type { Gate } from './gate.ts'
import { type GatheredLookups, gatherLookups } from './gathered-lookups.ts'
import type { Found } from './keyed-records.ts'
import { LastKnown } from './last-known.ts'
import type { KeptLookup, LastKnownGood, LastRead } from './last-known-good/last-known-good.ts'
import type { Keys } from './lookup-lane.ts'
import type { RecordOf } from './record.ts'
import type { AccessOf, Grant, Value } from './relation.ts'
import type { Page, PageRequest, RestoredSystem } from './restored-system.ts'
import { visibleRows } from './visibility.ts'

/**
 * The restored systems behind the gate. Loaders call this and nothing deeper: no row is read unless its system is open
 * to the viewer, and none is handed on unless the system still is when the row arrives. Where a system cannot answer, what
 * it gave last stands in for it, marked as that.
 */
export interface Systems {
  /**
   * For each key, its records or its error, in the keys' order. An empty grant reads nothing and finds nothing.
   */
  lookup<R extends AnyRelation>(
    viewer: Viewer,
    relation: R,
    columns: readonly string[],
    keys: readonly (readonly Value[])[],
    grant: Grant<AccessOf<R>>,
    terms: ReadTerms,
  ): Promise<readonly Given<R>[]>
  /** A page. A grant that shows no row at all is a mistake in the caller: throws. */
  page<R extends AnyRelation>(
    viewer: Viewer,
    relation: R,
    request: PageRequest,
    grant: Grant<AccessOf<R>>,
    terms: ReadTerms,
  ): Promise<Page<RecordOf<R>> | LastKnown<Page<RecordOf<R>>>>
}

export interface ReadTerms {
  /** For how long what is read may be given at most once the system cannot answer; 0: it is not kept. */
  readonly seconds: number
  /** Why the system is not asked: it has not answered this request before, in time. Null: it is asked. */
  readonly givenUp: GatewayError | null
}

/** What there is for one key. */
type Given<R extends AnyRelation = AnyRelation> = Found<R> | LastKnown<readonly RecordOf<R>[]>

export interface SystemsOptions {
  readonly restored: Readonly<Record<SystemKey, RestoredSystem>>
  readonly gate: Gate
  readonly lastKnownGood: LastKnownGood
  readonly clock: Clock
}

/** One read that the gate has admitted. */
interface Admitted {
  readonly by: string
  readonly epoch: string
  /** Throws where the viewer may not have what the system gives now, but what it gave last. */
  readonly assertLive: () => void
  readonly confirm: () => void
}

export function createSystems({ restored, gate, lastKnownGood, clock }: SystemsOptions): Systems {
  const lookups = Object.fromEntries(SYSTEM_KEYS.map(key => [key, gatherLookups(restored[key].lookup)])) as Record<
    SystemKey,
    GatheredLookups
  >

  async function gated<T>(viewer: Viewer, key: SystemKey, run: (admitted: Admitted) => Promise<T>): Promise<T> {
    const epoch = gate.admit(key, viewer)
    const confirm = () => gate.confirm(key, viewer, epoch)
    const assertLive = () => gate.assertLive(key, viewer)
    try {
      return await run({ by: viewer.partner.bpnl, epoch, assertLive, confirm })
    } finally {
      // A failure too: who may no longer ask is told that, and not how the system is.
      confirm()
    }
  }

  /** With what the system gave last of the keys that it did not answer. */
  async function completed(lookup: KeptLookup, keys: Keys, found: readonly Found[]): Promise<readonly Given[]> {
    const unanswered = keys.filter((_, at) => isUnanswered(found[at]))
    if (unanswered.length === 0) return found
    const reads = (await lastKnownGood.findRecords(lookup, unanswered)).values()
    return found.map(one => (isUnanswered(one) ? (insteadOf(one, reads.next().value ?? null) ?? one) : one))
  }

  return {
    async lookup(viewer, relation, columns, keys, grant, { seconds, givenUp }) {
      const visible = visibleRows(relation, grant)
      if (visible === null) return keys.map(() => [])
      const kept = { relation, columns, visible }
      return gated(viewer, relation.system, async ({ by, epoch, assertLive, confirm }) => {
        const readAtMs = clock.now()
        let found: readonly Found[]
        try {
          assertLive()
          if (givenUp !== null) throw givenUp
          found = await lookups[relation.system](relation, columns, keys, visible, by, confirm)
        } catch (thrown) {
          if (seconds === 0 || !isUnanswered(thrown)) throw thrown
          found = keys.map(() => thrown)
        }
        if (seconds === 0) return found as readonly Given<typeof relation>[]
        lastKnownGood.keepRecords(kept, keys, found, { by, readAtMs, epoch, seconds })
        return completed(kept, keys, found) as Promise<readonly Given<typeof relation>[]>
      })
    },
    async page(viewer, relation, request, grant, { seconds, givenUp }) {
      const visible = visibleRows(relation, grant)
      if (visible === null) throw new TypeError(`a page of ${relation.name} was asked for without a grant`)
      const kept = { relation, request, visible }
      return gated(viewer, relation.system, async ({ by, epoch, assertLive, confirm }) => {
        const readAtMs = clock.now()
        try {
          assertLive()
          if (givenUp !== null) throw givenUp
          const page = await restored[relation.system].page(relation, request, visible, { by, waitedMs: 0, confirm })
          if (seconds > 0) lastKnownGood.keepPage(kept, page, { by, readAtMs, epoch, seconds })
          return page
        } catch (thrown) {
          if (seconds === 0 || !isUnanswered(thrown)) throw thrown
          const instead = insteadOf(thrown, await lastKnownGood.findPage(kept))
          if (instead === null) throw thrown
          return instead as LastKnown<Page<RecordOf<typeof relation>>>
        }
      })
    },
  }
}

/** Whether the system gave nothing: what it gave and cannot be trusted is no reason to fall back on what it gave before. */
function isUnanswered(thrown: unknown): thrown is GatewayError {
  if (!(thrown instanceof GatewayError)) return false
  const { code } = thrown
  return code === 'SYSTEM_UNAVAILABLE' || code === 'DEADLINE_EXCEEDED' || code === 'SYSTEM_NOT_OPEN'
}

function insteadOf<T>(failure: GatewayError, read: LastRead<T> | null): LastKnown<T> | null {
  return read === null ? null : new LastKnown(read, failure)
}
