import type { Connection } from './connection.ts'
import type { Leases } from './shared-store.ts'
import { wholeMs } from './whole-ms.ts'

/** Leases in the shared store: a key that is there while one instance does what it stands for. Called by the store. */
export interface LeasesOptions {
  readonly ask: Connection['ask']
  readonly placeOf: (key: string) => string
}

export function createLeases({ ask, placeOf }: LeasesOptions): Leases {
  return {
    async take(key, ttlMs) {
      return (await ask('lease', client => client.set(placeOf(key), '1', 'PX', wholeMs(ttlMs), 'NX'))) === 'OK'
    },
    async isTaken(key) {
      return (await ask('lease', client => client.get(placeOf(key)))) !== null
    },
    // Needs no right to delete: it ends as soon as the server counts.
    async giveBack(key) {
      await ask('lease', client => client.set(placeOf(key), '1', 'PX', 1))
    },
  }
}
