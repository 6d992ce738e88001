import { ensureError } from '../model/errors.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Log } from '../observe/log.ts'
import type { Observation } from '../recovery/lifecycle/observation.ts'
import type { Recovery } from '../recovery/state.ts'
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

const WATCHED: ReadonlySet<string> = new Set(['VERIFIED', 'LIMITED_OPEN', 'OPEN', 'NORMAL_OPERATION'])

export function createWatch({ restored, recovery, everySeconds, onObservation, log }: WatchOptions): Watch {
  let isLooking = false

  async function look(): Promise<void> {
    if (isLooking) return
    isLooking = true
    try {
      // One after the other: they are fragile, and nobody waits for this.
      for (const system of SYSTEM_KEYS) {
        const { lifecycle, attestations } = recovery.current().state.systems[system]
        if (!WATCHED.has(lifecycle)) continue
        const relations = [...new Set(attestations.flatMap(({ totals }) => Object.keys(totals)))]
        const observation = await restored[system].examine(relations)
        if (observation.failure !== null)
          log.warn({ system, failure: observation.failure }, 'a system could not be looked at')
        onObservation(system, observation)
      }
    } catch (thrown) {
      log.error({ error: ensureError(thrown) }, 'the systems could not be looked at; it is tried again')
    } finally {
      isLooking = false
    }
  }

  const timer = setInterval(() => void look(), everySeconds * 1_000).unref()
  return { look, stop: () => clearInterval(timer) }
}
