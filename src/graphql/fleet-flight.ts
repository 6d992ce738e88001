import { setTimeout } from 'node:timers/promises'
import type { Leases } from '../store/shared-store.ts'

/**
 * One flight of all instances: whoever takes the lease of a record reads its system, and the others wait for what it writes
 * to the shared store. Called by the shared records for what they do not find there. It promises less reading, never an
 * answer: who waits for too long, and everybody while the store is away, reads for itself.
 */
export interface FleetFlight<T> {
  readonly key: string
  /** Undefined: it is not there. */
  readonly find: () => Promise<T | undefined>
  readonly read: () => Promise<T>
  /** Resolves when others can find it, or never will; rejects where the store fails. */
  readonly share: (read: T) => Promise<unknown>
}

/** How long an instance reads for others, and is waited for. Half of a usual deadline: the rest is for reading oneself. */
const LEASE_MS = 1_000
const FIRST_LOOK_MS = 4
const LOOKS_GROW_BY = 1.5

export function createFleetFlights(leases: Leases): <T>(flight: FleetFlight<T>) => Promise<T> {
  async function follow<T>({ key, find }: FleetFlight<T>): Promise<T | undefined> {
    for (let waitMs = FIRST_LOOK_MS, waitedMs = 0; waitedMs < LEASE_MS; waitMs *= LOOKS_GROW_BY) {
      await setTimeout(waitMs)
      waitedMs += waitMs
      // In this order: what is given back was written before.
      const isTaken = await leases.isTaken(key).catch(() => false)
      const found = await find()
      if (found !== undefined || !isTaken) return found
    }
    return undefined
  }

  return async flight => {
    const { key, read, share } = flight
    const isMine = await leases.take(key, LEASE_MS).catch(() => true)
    const found = isMine ? undefined : await follow(flight)
    if (found !== undefined) return found
    const giveBack = async () => isMine && leases.giveBack(key)
    try {
      const made = await read()
      // The answer does not wait for it, and the store counts its failures.
      void share(made)
        .then(giveBack, giveBack)
        .catch(() => {})
      return made
    } catch (thrown) {
      void giveBack().catch(() => {})
      throw thrown
    }
  }
}
