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
 * see the restart, and all of the manufacturer's own applications: for each of the two a share of the instance is kept.
 */
export interface Shedding {
  /** Whether anything is refused: asked first, by every request. */
  isNeeded(): boolean
  /** A request with a token that was not seen before, or with none, which cannot be critical. */
  refusesUnknown(hasToken: boolean): boolean
  /** An operation that has to be executed. `systems`: that it reads; null: it has not been read yet. */
  refusesExecution(viewer: Viewer, systems: ReadonlySet<SystemKey> | null): boolean
  /** One whose answer stands ready. */
  refusesReady(viewer: Viewer, systems: ReadonlySet<SystemKey>): boolean
}

/** What is refused, as it is counted. */
export type Shed = 'unknown' | 'execution' | 'ready'

export interface SheddingOptions {
  readonly monitor: Pick<LoadMonitor, 'pressure' | 'isTurnOver'>
  /** Critical operations of each kind a second that are let in whatever the load. */
  readonly reservedPerSecond: number
  readonly clock: Clock
  readonly onShed: (shed: Shed) => void
  readonly random?: Random | undefined
}

/** However late the loop is, some of what stands ready is answered. */
const MOST_READY = 0.9
/** Of what is kept for all of them. */
const MOST_OF_A_PARTNER = 0.1

export function createShedding(options: SheddingOptions): Shedding {
  const { monitor, reservedPerSecond, clock, onShed, random = Math.random } = options
  const { pressure, isTurnOver } = monitor
  const ofOwn = createReserve(reservedPerSecond, clock)
  const ofPartners = createReserve(reservedPerSecond, clock)
  /** No more of them than the registry has had. */
  const parts = new Map<string, Reserve>()
  // What may be critical is apart from what is: a crowd of the former uses up its own alone, and strangers not even that of partners.
  const ofStrangers = createReserve(reservedPerSecond, clock)
  const ofUnread = createReserve(reservedPerSecond, clock)

  function refuses(shed: Shed, share: number, reserve: Pick<Reserve, 'take'> | null): boolean {
    // By chance and not in turn: of two who ask alternately, one would always be refused.
    if (share <= 0 || random() >= share || reserve?.take() === true) return false
    onShed(shed)
    return true
  }

  /** Null: it is not critical. */
  function criticalOf(
    { partner: { bpnl, roles } }: Viewer,
    systems: ReadonlySet<SystemKey> | null,
  ): Pick<Reserve, 'take'> | null {
    if (roles.includes('INTERNAL')) return ofOwn
    if (systems?.size !== 0) return null
    const part = parts.get(bpnl) ?? createReserve(reservedPerSecond * MOST_OF_A_PARTNER, clock)
    parts.set(bpnl, part)
    return { take: () => part.hasPlace() && ofPartners.take() && part.take() }
  }

  return {
    isNeeded: () => pressure() > 0,
    refusesUnknown: hasToken => refuses('unknown', isTurnOver() ? 1 : pressure(), hasToken ? ofStrangers : null),
    refusesExecution(viewer, systems) {
      const reserve = criticalOf(viewer, systems) ?? (systems === null ? ofUnread : null)
      return refuses('execution', isTurnOver() ? 1 : pressure() - 1, reserve)
    },
    refusesReady: (viewer, systems) =>
      refuses('ready', Math.min(MOST_READY, pressure() - 2), criticalOf(viewer, systems)),
  }
}
