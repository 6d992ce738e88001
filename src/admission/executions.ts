import { GatewayError } from '../model/errors.ts'
import type { SystemKey } from '../model/system.ts'
import type { Viewer } from '../model/viewer.ts'
import { type Random, type Return, retryAfterSeconds } from './retry-after.ts'

/**
 * How many operations of each partner are being executed at once, within a bound: a partner that asks faster than a system
 * answers gathers neither memory nor the turns of others here. Who is given what stands ready, joins in another's execution
 * or asks for the gateway's own state takes no place.
 */
export interface Executions {
  /**
   * @param systems that the operation reads; null: it has not been read yet
   * @throws GatewayError RATE_LIMITED where the partner has no place left
   */
  assertRoom(viewer: Viewer, systems: Systems): void
  /** Runs within a place; rejects with RATE_LIMITED, and has not run, where there is none. */
  run<T>(viewer: Viewer, systems: Systems, execute: () => Promise<T>): Promise<T>
  /** Of all partners. */
  underWay(): number
}

type Systems = ReadonlySet<SystemKey> | null

export interface ExecutionsOptions {
  readonly mostPerPartner: number
  readonly onRefusal: () => void
  readonly onBegin: () => void
  readonly onEnd: () => void
  readonly random?: Random | undefined
}

/** A place is free again as soon as any execution ends. */
const RETURN: Return = { leastSeconds: 1, spreadSeconds: 2 }

export function createExecutions({ mostPerPartner, onRefusal, onBegin, onEnd, random }: ExecutionsOptions): Executions {
  const byPartner = new Map<string, number>()
  let all = 0

  function assertRoom({ partner: { bpnl } }: Viewer, systems: Systems): void {
    if (systems?.size === 0) return
    const inFlight = byPartner.get(bpnl) ?? 0
    if (inFlight < mostPerPartner) return
    onRefusal()
    throw new GatewayError(
      'RATE_LIMITED',
      `${inFlight} operations of this partner are being executed, and no more may be at once.`,
      { details: { retryAfterSeconds: retryAfterSeconds(RETURN, random), inFlight, inFlightLimit: mostPerPartner } },
    )
  }

  function enter(bpnl: string): void {
    all += 1
    byPartner.set(bpnl, (byPartner.get(bpnl) ?? 0) + 1)
  }

  function leave(bpnl: string): void {
    all -= 1
    const left = (byPartner.get(bpnl) ?? 1) - 1
    if (left > 0) byPartner.set(bpnl, left)
    else byPartner.delete(bpnl)
  }

  return {
    assertRoom,
    async run(viewer, systems, execute) {
      if (systems?.size === 0) return execute()
      assertRoom(viewer, systems)
      const { bpnl } = viewer.partner
      enter(bpnl)
      onBegin()
      try {
        return await execute()
      } finally {
        leave(bpnl)
        onEnd()
      }
    },
    underWay: () => all,
  }
}
