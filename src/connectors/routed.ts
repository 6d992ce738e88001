import type { AnyRelation } from '../systems/connector.ts'
import type { MappedConnector } from './mapped-connector.ts'

/** Several connectors as one: each read goes to the connector that has the relation, and what is asked of all is asked of each. */
export interface Route {
  readonly connector: MappedConnector
  readonly relations: readonly AnyRelation[]
}

export function createRoutedConnector(routes: readonly Route[]): MappedConnector {
  const byName = new Map(routes.flatMap(({ connector, relations }) => relations.map(({ name }) => [name, connector])))
  const connectors = routes.map(({ connector }) => connector)

  function of({ name }: AnyRelation): MappedConnector {
    const connector = byName.get(name)
    if (connector === undefined) throw new TypeError(`no connector has the relation ${name}`)
    return connector
  }

  /** The relations that are asked for, with the connector that has them; a connector without any is asked all the same. */
  const shares = (wanted: readonly AnyRelation[]) =>
    connectors.map(connector => ({ connector, relations: wanted.filter(relation => of(relation) === connector) }))

  return {
    lookup: (relation, query, signal) => of(relation).lookup(relation, query, signal),
    page: (relation, query, signal) => of(relation).page(relation, query, signal),
    totals: (relation, signal) => of(relation).totals(relation, signal),
    explain: (relation, read) => of(relation).explain(relation, read),
    /** The oldest: the system as a whole is as of no later time. */
    async freshness(signal) {
      const times = await Promise.all(connectors.map(connector => connector.freshness(signal)))
      return new Date(Math.min(...times.map(time => Date.parse(time)))).toISOString()
    },
    async probe(wanted, signal) {
      await Promise.all(shares(wanted).map(({ connector, relations }) => connector.probe(relations, signal)))
    },
    async inspect(wanted, signal) {
      // One that is away says nothing of what the others have.
      const asked = shares(wanted).filter(({ relations }) => relations.length > 0)
      const found = await Promise.all(asked.map(({ connector, relations }) => connector.inspect(relations, signal)))
      const inspections = found.flat()
      return wanted.flatMap(({ name }) => inspections.filter(({ relation }) => relation === name))
    },
    async proveReadOnly(signal) {
      const proofs = await Promise.all(connectors.map(connector => connector.proveReadOnly(signal)))
      return [...new Set(proofs)].join('; ')
    },
    whenLoaded: async (signal, progress) => {
      await Promise.all(connectors.map(connector => connector.whenLoaded?.(signal, progress)))
    },
    warning() {
      const warnings = connectors.map(connector => connector.warning()).filter(warning => warning !== null)
      return warnings.length > 0 ? warnings.join('; ') : null
    },
    async close() {
      await Promise.all(connectors.map(connector => connector.close()))
    },
  }
}
