import { GatewayError } from '../model/errors.ts'
import type { SystemKey } from '../model/system.ts'
import type { Viewer } from '../model/viewer.ts'
import { isMeantFor, isServed, servesLastKnownGood } from '../recovery/lifecycle/served.ts'
import type { Recovery, RecoverySnapshot } from '../recovery/recovery.ts'
import type { RecoveryState } from '../recovery/state.ts'

/**
 * The gate of the restored systems: who may read which system now. It obeys the state of the restart and the partner
 * registry and nothing else, and it is asked on every read, on every hit of every cache, before and after, and once more
 * of every answer as a whole.
 */
export interface Gate {
  /**
   * The epoch under which the viewer may read the system, or have what it gave last: one of its own, so that neither is
   * ever taken for the other. Throws `SYSTEM_NOT_OPEN`, and what `confirmViewer` throws.
   */
  admit(system: SystemKey, viewer: Viewer): string
  /** Throws `SYSTEM_NOT_OPEN` where the viewer may not have what the system gives now. */
  assertLive(system: SystemKey, viewer: Viewer): void
  /** Throws where the system is no longer open to the viewer, or no longer in the epoch it was read under. */
  confirm(system: SystemKey, viewer: Viewer, epoch: string): void
  /** Throws where the viewer no longer has the rights that it was made with. */
  confirmViewer(viewer: Viewer): void
  isOpen(system: SystemKey, viewer: Viewer): boolean
}

/** What was found for the viewer that was asked for last under the snapshot it was found in. */
interface Seen {
  readonly viewer: Viewer
  readonly under: RecoverySnapshot
  readonly admitted: Partial<Record<SystemKey, string>>
}

/** Before the epoch of a suspended system whose last answers may be given. */
const LAST_KNOWN_GOOD = 'last-known-good '

/** `confirmViewer` goes by the recovery's snapshot and nothing else: it is asked again where that is another one. */
export function createGate(recovery: Recovery, confirmViewer: Gate['confirmViewer']): Gate {
  // Fields of one viewer come in long rows, and rights change with the snapshot alone: one look serves them all.
  let seen: Seen | null = null
  const admit = (system: SystemKey, viewer: Viewer): string => {
    const snapshot = recovery.current()
    if (seen === null || seen.viewer !== viewer || seen.under !== snapshot) {
      confirmViewer(viewer)
      seen = { viewer, under: snapshot, admitted: {} }
    }
    const known = seen.admitted[system]
    if (known !== undefined) return known
    const epoch = epochUnder(snapshot, system, viewer.partner.wave)
    seen.admitted[system] = epoch
    return epoch
  }
  const isOpen = (system: SystemKey, viewer: Viewer) =>
    isServed(recovery.current().state.systems[system], viewer.partner.wave)
  return {
    admit,
    assertLive(system, viewer) {
      if (!isOpen(system, viewer)) throw notOpen(recovery.current().state, system, viewer.partner.wave)
    },
    confirm(system, viewer, epoch) {
      if (admit(system, viewer) === epoch) return
      throw new GatewayError('SYSTEM_UNAVAILABLE', `${system} changed while it was being read. Ask again.`, {
        details: { system },
      })
    },
    confirmViewer,
    isOpen,
  }
}

function epochUnder({ state, epochs }: RecoverySnapshot, key: SystemKey, wave: number | null): string {
  const system = state.systems[key]
  if (isServed(system, wave)) return epochs[key]
  if (servesLastKnownGood(system, wave)) return LAST_KNOWN_GOOD + epochs[key]
  throw notOpen(state, key, wave)
}

function notOpen(state: RecoveryState, key: SystemKey, wave: number | null): GatewayError {
  const { lifecycle, name, nextUpdateBy, since } = state.systems[key]
  // A plan from before the system came to where it is has been overtaken.
  const reopening = state.plannedReopenings
    .filter(planned => planned.system === key && planned.status === 'SCHEDULED' && isMeantFor(planned, wave))
    .map(planned => planned.scheduledFor)
    .filter(instant => Date.parse(instant) >= Date.parse(since))
    .toSorted()[0]
  const who = lifecycle === 'LIMITED_OPEN' ? 'is open to the first waves of partners, not yet to you' : 'is not open'
  return new GatewayError('SYSTEM_NOT_OPEN', `${name} ${who}.`, {
    details: {
      system: key,
      lifecycle,
      nextUpdateBy: nextUpdateBy ?? state.nextUpdateBy,
      // An instant rather than a delay: it stays true in a cache.
      retryAfter: reopening ?? nextUpdateBy ?? state.nextUpdateBy,
    },
  })
}
