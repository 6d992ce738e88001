import type { Clock } from '../model/clock.ts'
import type { SystemKey } from '../model/system.ts'
import type { Viewer } from '../model/viewer.ts'
import type { LoadMonitor } from './load-monitor.ts'
import { createReserve, type Reserve } from './reserve.ts'
import type { Random } from './retry-after.ts'

/**
 * Which requests are refused under load, at two doors: at the front a share of those whom nobody knows, before anything is
 * done for them; behind it, where it is seen what is asked, what would have to be executed and finds no room. What stands
 * ready is given whatever the load, because to refuse it would take as long. Critical are operations that read nothing but the gateway's own state, which is how partners
 * see the restart, and all of the manufacturer's own applications: for each of the two a share of the instance is kept.
 */
export interface Shedding {
  /** Whether anything is refused: asked first, by every request. */
  isNeeded(): boolean
  /** A request with a token that was not seen before, or with none, which cannot be critical. */
  refusesUnknown(hasToken: boolean): boolean
  /** An operation that has to be executed. `systems`: that it reads; null: it has not been read yet. */
  refusesExecution(viewer: Viewer, systems: ReadonlySet<SystemKey> | null): boolean
}

/** What is refused, as it is counted. */
export type Shed = 'unknown' | 'execution'

export interface SheddingOptions {
  readonly monitor: Pick<LoadMonitor, 'pressure' | 'isOverloaded' | 'room'>
  /** Critical operations of each kind a second that are let in whatever the load. */
  readonly reservedPerSecond: number
  readonly clock: Clock
  readonly onShed: (shed: Shed) => void
  readonly random?: Random | undefined
}

/** Of what is kept for all of them. */
const MOST_OF_A_PARTNER = 0.1

export function createShedding(options: SheddingOptions): Shedding {
  const { monitor, reservedPerSecond, clock, onShed, random = Math.random } = options
  const { pressure, isOverloaded, room } = monitor
  const ofOwn = createReserve(reservedPerSecond, clock)
  const ofPartners = createReserve(reservedPerSecond, clock)
  /** No more of them than the registry has had. */
  const parts = new Map<string, Reserve>()
  // What may be critical is apart from what is: a crowd of the former uses up its own alone, and strangers not even that of partners.
  const ofStrangers = createReserve(reservedPerSecond, clock)
  const ofUnread = createReserve(reservedPerSecond, clock)

  /** By chance and not in turn: of two who ask alternately, one would always be refused. */
  const isDrawn = (share: number) => share > 0 && random() < share

  function refuse(shed: Shed): true {
    onShed(shed)
    room.passed()
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
    isNeeded: isOverloaded,
    refusesUnknown(hasToken) {
      if (!isDrawn(room.has() ? pressure() : 1) || (hasToken && ofStrangers.take())) return false
      return refuse('unknown')
    },
    refusesExecution(viewer, systems) {
      if (room.take() && !isDrawn(pressure() - 1)) return false
      const reserve = criticalOf(viewer, systems) ?? (systems === null ? ofUnread : null)
      if (reserve?.take() !== true) return refuse('execution')
      room.owe()
      return false
    },
  }
}
