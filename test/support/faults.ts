import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import type { AnyRelation, Connector, Reading } from '../../src/systems/connector.ts'

/** Faults of restored systems, switched on and off by a test: laid between the gateway and its real connectors. */
export interface Faults {
  /** Stands in place of the next reads of these relations; null: none. */
  read: ((relation: AnyRelation, real: () => Promise<Reading>) => Promise<Reading>) | null
  readonly lay: (connectors: Readonly<Record<SystemKey, Connector>>) => Readonly<Record<SystemKey, Connector>>
}

export function createFaults(): Faults {
  const faults: Faults = {
    read: null,
    lay: connectors =>
      Object.fromEntries(SYSTEM_KEYS.map(key => [key, faulty(connectors[key], faults)])) as Record<
        SystemKey,
        Connector
      >,
  }
  return faults
}

function faulty(connector: Connector, faults: Faults): Connector {
  return {
    ...connector,
    lookup(relation, query, signal) {
      const real = () => connector.lookup(relation, query, signal)
      return faults.read ? faults.read(relation, real) : real()
    },
    async page(relation, query, signal) {
      const real = () => connector.page(relation, query, signal)
      return faults.read ? { hasNextPage: false, ...(await faults.read(relation, real)) } : real()
    },
  }
}
