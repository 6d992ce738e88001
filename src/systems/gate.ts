import { GatewayError } from '../model/errors.ts'
import type { SystemKey } from '../model/system.ts'
import type { Viewer } from '../model/viewer.ts'
import { isServed } from '../recovery/lifecycle/served.ts'
import type { PlannedReopening, Recovery, RecoveryState } from '../recovery/state.ts'

/**
 * The gate of the restored systems: who may read which system now. It obeys the state of the restart and nothing else,
 * and it is asked on every read and on every hit of every cache, before and after.
 */
export interface Gate {
  /** The epoch under which the viewer may read the system; throws `SYSTEM_NOT_OPEN`. */
  admit(system: SystemKey, viewer: Viewer): string
  /** Throws where the system is no longer open to the viewer, or no longer in the epoch it was read under. */
  confirm(system: SystemKey, viewer: Viewer, epoch: string): void
  isOpen(system: SystemKey, viewer: Viewer): boolean
}

export function createGate(recovery: Recovery): Gate {
  const admit = (system: SystemKey, viewer: Viewer): string => {
    const { state, epochs } = recovery.current()
    if (!isServed(state.systems[system], viewer.partner.wave)) throw notOpen(state, system, viewer.partner.wave)
    return epochs[system]
  }
  return {
    admit,
    confirm(system, viewer, epoch) {
      if (admit(system, viewer) === epoch) return
      throw new GatewayError('SYSTEM_UNAVAILABLE', `${system} changed while it was being read. Ask again.`, {
        details: { system },
      })
    },
    isOpen: (system, viewer) => isServed(recovery.current().state.systems[system], viewer.partner.wave),
  }
}

function notOpen(state: RecoveryState, key: SystemKey, wave: number | null): GatewayError {
  const { lifecycle, name, nextUpdateBy } = state.systems[key]
  const reopening = state.plannedReopenings
    .filter(planned => planned.system === key && planned.status === 'SCHEDULED' && isMeantFor(planned, wave))
    .map(planned => planned.scheduledFor)
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

/** A reopening that names waves is for their partners only. */
function isMeantFor({ waves }: PlannedReopening, wave: number | null): boolean {
  return waves.length === 0 || (wave !== null && waves.includes(wave))
}
