import type { SystemKey } from '../../model/system.ts'
import type { Recovery } from '../../recovery/recovery.ts'
import type { SystemState } from '../../recovery/system-state.ts'

/**
 * When a system was last opened, to its first waves or to all: where its ramp begins. Every process takes it from the
 * journal, so one that starts later joins the ramp where it is.
 *
 * @returns milliseconds since the Unix epoch; `-Infinity` where no opening is known: long ago
 */
export function createOpening(recovery: Recovery, key: SystemKey): () => number {
  let seen: SystemState | null = null
  let openedMs = Number.NEGATIVE_INFINITY
  return () => {
    const state = recovery.current().state.systems[key]
    if (state !== seen) {
      seen = state
      const opened = state.transitions.findLast(({ to }) => to === 'LIMITED_OPEN' || to === 'OPEN')
      openedMs = opened === undefined ? Number.NEGATIVE_INFINITY : Date.parse(opened.recordedAt)
    }
    return openedMs
  }
}
