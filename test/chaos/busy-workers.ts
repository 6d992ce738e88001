import { setTimeout } from 'node:timers/promises'
import type { SystemKey } from '../../src/model/system.ts'
import type { Connector } from '../../src/systems/connector.ts'
import { createFaults } from '../support/faults.ts'

/**
 * A system that does so much at once and no more. What comes beyond waits in line, and what nobody waits for any longer is
 * done all the same, as a database does: so too many calls make it useless and not only slow.
 */
export interface BusyWorkers {
  /** How many times longer than usual its work takes; what is under way when this changes goes on at the new pace. */
  slowness: number
  readonly lay: (connectors: Readonly<Record<SystemKey, Connector>>) => Readonly<Record<SystemKey, Connector>>
}

const STEP_MS = 100

export function createBusyWorkers(options: { readonly workers: number; readonly serviceMs: number }): BusyWorkers {
  const faults = createFaults()
  const line: (() => void)[] = []
  let idle = options.workers
  const system: BusyWorkers = { slowness: 1, lay: faults.lay }
  async function work(): Promise<void> {
    for (let leftMs = options.serviceMs; leftMs > 0; ) {
      const { slowness } = system
      const stepMs = Math.min(leftMs * slowness, STEP_MS)
      await setTimeout(stepMs)
      leftMs -= stepMs / slowness
    }
  }
  faults.read = async (relation, real) => {
    if (relation.system !== 'PARTS_LOGISTICS') return real()
    if (idle > 0) idle -= 1
    else await new Promise<void>(resolve => line.push(resolve))
    try {
      await work()
      return await real()
    } finally {
      const next = line.shift()
      if (next === undefined) idle += 1
      else next()
    }
  }
  return system
}
