import type { Clock } from '../model/clock.ts'
import type { SystemKey } from '../model/system.ts'
import type { Viewer } from '../model/viewer.ts'
import type { LoadMonitor } from './load-monitor.ts'
import { createReserve, type Reserve } from './reserve.ts'
import type { Random } from './retry-after.ts'

/**
 * Which requests are refused under load, at two doors: at the front a share of those whom nobody knows, before anything is
 * done for them; behind it, where it is seen what is asked, of what would have to be executed, and only where that is not
 * enough, of what stands ready. Critical are operations that read nothing but the gateway's own state, which is how partners
 * see the restart, and all of the manufacturer's own applications: for those a share of the instance is kept.
 */
export interface Shedding {
  /** Whether anything is refused: asked first, by every request. */
  isNeeded(): boolean
  /** A request with a token that was not seen before, or with none. */
  refusesUnknown(): boolean
  /** An operation that has to be executed. `systems`: that it reads; null: it has not been read yet. */
  refusesExecution(viewer: Viewer, systems: ReadonlySet<SystemKey> | null): boolean
  /** One whose answer stands ready. */
  refusesReady(viewer: Viewer, systems: ReadonlySet<SystemKey>): boolean
}

/** What is refused, as it is counted. */
export type Shed = 'unknown' | 'execution' | 'ready'

export interface SheddingOptions {
  readonly monitor: Pick<LoadMonitor, 'pressure' | 'isTurnOver'>
  /** Critical operations a second that are let in whatever the load. */
  readonly reservedPerSecond: number
  readonly clock: Clock
  readonly onShed: (shed: Shed) => void
  readonly random?: Random | undefined
}

/** However late the loop is, some of what stands ready is answered. */
const MOST_READY = 0.9

export function createShedding(options: SheddingOptions): Shedding {
  const { monitor, reservedPerSecond, clock, onShed, random = Math.random } = options
  const { pressure, isTurnOver } = monitor
  const critical = createReserve(reservedPerSecond, clock)
  // Apart, so that a crowd of strangers cannot use up what is kept for those who are known.
  const perhapsCritical = createReserve(reservedPerSecond, clock)

  function refuses(shed: Shed, share: number, reserve: Reserve | null): boolean {
    // By chance and not in turn: of two who ask alternately, one would always be refused.
    if (share <= 0 || random() >= share || reserve?.take() === true) return false
    onShed(shed)
    return true
  }

  return {
    isNeeded: () => pressure() > 0,
    refusesUnknown: () => refuses('unknown', isTurnOver() ? 1 : pressure(), perhapsCritical),
    refusesExecution(viewer, systems) {
      const reserve = isCritical(viewer, systems) ? critical : systems === null ? perhapsCritical : null
      return refuses('execution', isTurnOver() ? 1 : pressure() - 1, reserve)
    },
    refusesReady: (viewer, systems) =>
      refuses('ready', Math.min(MOST_READY, pressure() - 2), isCritical(viewer, systems) ? critical : null),
  }
}

function isCritical({ partner: { roles } }: Viewer, systems: ReadonlySet<SystemKey> | null): boolean {
  return systems?.size === 0 || roles.includes('INTERNAL')
}
