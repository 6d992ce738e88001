import { keyOf } from '../../model/key.ts'
import type { SystemKey, SystemLifecycle } from '../../model/system.ts'
import { liesAhead } from '../../model/time-ahead.ts'
import type { RecoveryState } from '../state.ts'
import type { SystemState } from '../system-state.ts'

/**
 * Whether what was read of a system once may be given in the place of what it cannot give now. Pure; called by
 * last-known-good of every read that it finds, each time anew. To whom is said by `served.ts`, how old by the field.
 */

/** A read that was kept. */
export interface PastRead {
  /** In milliseconds since the Unix epoch: what it gave is no older than its beginning, and no newer than its end. */
  readonly beganMs: number
  readonly endedMs: number
  /** As `restorationOf` named it then. */
  readonly restoration: string
}

/** Names what a system was restored from, what was restored of it, and the journal that says so. */
export function restorationOf({ head, systems }: Pick<RecoveryState, 'head' | 'systems'>, key: SystemKey): string {
  const { restoration } = systems[key]
  return keyOf(head.journal, restoration?.backup.digest ?? '', restoration?.manifest ?? '')
}

export function mayBeGiven(
  read: PastRead,
  state: Pick<RecoveryState, 'head' | 'systems'>,
  key: SystemKey,
  nowMs: number,
): boolean {
  const system = state.systems[key]
  return (
    allowsLastKnownGood(system) &&
    read.restoration === restorationOf(state, key) &&
    read.beganMs <= read.endedMs &&
    !liesAhead(new Date(read.endedMs).toISOString(), nowMs) &&
    !isDistrusted(read, system) &&
    read.beganMs > shownAnewMs(system)
  )
}

function allowsLastKnownGood({ lifecycle, suspension }: SystemState): boolean {
  return lifecycle === 'SUSPENDED' ? suspension?.lastKnownGood === true : !SERVES_NOBODY.has(lifecycle)
}

/** Those that a system passes on its way back: whatever was read before the last of them, it is shown anew since. */
const SERVES_NOBODY: ReadonlySet<SystemLifecycle> = new Set([
  'ISOLATED',
  'CLEARED_FOR_RESTORE',
  'RESTORING',
  'QUARANTINED',
  'VERIFIED',
])

function shownAnewMs({ transitions }: SystemState): number {
  const last = transitions.findLast(({ to }) => SERVES_NOBODY.has(to))
  return last === undefined ? Number.NEGATIVE_INFINITY : Date.parse(last.recordedAt)
}

/** A read that was under way for a while is distrusted for any moment of it. */
function isDistrusted({ beganMs, endedMs }: PastRead, { distrusted, suspension }: SystemState): boolean {
  const since = suspension?.distrustSince ?? null
  if (since !== null && endedMs >= Date.parse(since)) return true
  return distrusted.some(
    ({ since, until }) => endedMs >= Date.parse(since) && (until === null || beganMs < Date.parse(until)),
  )
}
