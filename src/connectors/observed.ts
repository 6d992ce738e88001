import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Counters } from '../observe/counters.ts'
import type { Tracing } from '../observe/tracing.ts'
import type { AnyRelation, Connector } from '../systems/connector.ts'

/**
 * Connectors whose reads are timed, and traced where traces are made: what a restored system is really asked, behind every
 * cache and the shield. Laid around the opened connectors by the composition root; changes no answer and no error.
 */
export interface ObservedOptions {
  readonly counters: Pick<Counters, 'timer'>
  /** Null: no traces are made. */
  readonly tracing: Tracing | null
}

type Connectors = Readonly<Record<SystemKey, Connector>>

export function observeConnectors(connectors: Connectors, options: ObservedOptions): Connectors {
  const observed = SYSTEM_KEYS.map(system => [system, observe(system, connectors[system], options)] as const)
  return Object.fromEntries(observed) as Record<SystemKey, Connector>
}

type Outcome = 'answered' | 'failed' | 'given_up'

function observe(system: SystemKey, connector: Connector, { counters, tracing }: ObservedOptions): Connector {
  const timers = new Map<string, (seconds: number) => void>()
  const timerOf = (relation: string, outcome: Outcome) => {
    const key = `${outcome} ${relation}`
    let timer = timers.get(key)
    if (timer === undefined) {
      timer = counters.timer('upstream_read_duration_seconds', { system, relation, outcome })
      timers.set(key, timer)
    }
    return timer
  }

  async function timed<T>({ name: relation }: AnyRelation, signal: AbortSignal, read: () => Promise<T>): Promise<T> {
    const startedMs = performance.now()
    const take = (outcome: Outcome) => timerOf(relation, outcome)((performance.now() - startedMs) / 1_000)
    try {
      const reading = await read()
      take('answered')
      return reading
    } catch (thrown) {
      take(signal.aborted ? 'given_up' : 'failed')
      throw thrown
    }
  }

  function traced<T>(kind: string, { name: relation }: AnyRelation, keys: number, read: () => Promise<T>): Promise<T> {
    if (tracing === null) return read()
    const attributes = { 'gateway.system': system, 'gateway.relation': relation, 'gateway.keys': keys }
    return tracing.span(`${kind} ${relation}`, attributes, read)
  }

  return {
    lookup: (relation, query, signal) =>
      timed(relation, signal, () =>
        traced('lookup', relation, query.keys.length, () => connector.lookup(relation, query, signal)),
      ),
    page: (relation, query, signal) =>
      timed(relation, signal, () =>
        traced('page', relation, query.first, () => connector.page(relation, query, signal)),
      ),
    totals: (relation, signal) => connector.totals(relation, signal),
    freshness: signal => connector.freshness(signal),
    probe: (relations, signal) => connector.probe(relations, signal),
    warning: () => connector.warning(),
    close: () => connector.close(),
  }
}
