import { ensureError } from '../model/errors.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Log } from '../observe/log.ts'
import { attestedRelations } from '../recovery/lifecycle/attested-relations.ts'
import type { Observation } from '../recovery/lifecycle/observation.ts'
import { isSuspendable } from '../recovery/lifecycle/suspension.ts'
import type { Recovery } from '../recovery/recovery.ts'
import type { RestoredSystems } from './restored-systems.ts'

/**
 * Looks at the systems that are open or about to be, every so often: their control totals, the time of their data,
 * whether they still refuse a write. What it sees it hands on; what follows from it is not its business.
 */
export interface Watch {
  /** Looks at all of them once. Never rejects. */
  look(): Promise<void>
  stop(): void
}

export interface WatchOptions {
  readonly restored: RestoredSystems
  readonly recovery: Recovery
  readonly everySeconds: number
  readonly onObservation: (system: SystemKey, observation: Observation) => void
  readonly log: Pick<Log, 'warn' | 'error'>
}

export function createWatch({ restored, recovery, everySeconds, onObservation, log }: WatchOptions): Watch {
  let isLooking = false

  async function lookAt(system: SystemKey): Promise<void> {
    const watched = recovery.current().state.systems[system]
    if (!isSuspendable(watched.lifecycle)) return
    try {
      const observation = await restored[system].examine(attestedRelations(watched))
      if (observation.failure !== null)
        log.warn({ system, failure: observation.failure }, 'a system could not be looked at as a whole')
      onObservation(system, observation)
    } catch (thrown) {
      log.error({ system, error: ensureError(thrown) }, 'a system could not be looked at; it is tried again')
    }
  }

  async function look(): Promise<void> {
    if (isLooking) return
    isLooking = true
    // One after the other: they are fragile, and nobody waits for this.
    for (const system of SYSTEM_KEYS) await lookAt(system)
    isLooking = false
  }

  const timer = setInterval(() => void look(), everySeconds * 1_000).unref()
  return { look, stop: () => clearInterval(timer) }
}
