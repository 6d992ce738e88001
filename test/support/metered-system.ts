import { setTimeout } from 'node:timers/promises'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import type { Connector } from '../../src/systems/connector.ts'
import { countsPerSecond, overSeconds, type Seconds, type Span } from './seconds.ts'

/**
 * A restored system as it feels the gateway: every call that reaches it, when it came and how many others were under way.
 * It can be made slow, and made to fail. Laid between the gateway and its real connectors.
 */
export interface MeteredSystem {
  /** What each call waits before it is answered; a call that is given up before then is over at once. */
  latencyMs: number
  /** Thrown in place of an answer, after the wait; null: it answers. */
  failure: Error | null
  readonly calls: readonly MeteredCall[]
  /** Under way now. */
  concurrency(): number
  callsPerSecond(span: Span): Seconds
  /** Most that were under way at once, when a call came, in each second. */
  concurrencyPerSecond(span: Span): Seconds
  readonly lay: (connectors: Readonly<Record<SystemKey, Connector>>) => Readonly<Record<SystemKey, Connector>>
}

export interface MeteredCall {
  /** Of `performance.now()`. */
  readonly atMs: number
  /** This one included. */
  readonly concurrency: number
}

export function createMeteredSystem(system: SystemKey): MeteredSystem {
  const calls: MeteredCall[] = []
  let underWay = 0

  async function metered<T>(signal: AbortSignal, real: () => Promise<T>): Promise<T> {
    underWay += 1
    calls.push({ atMs: performance.now(), concurrency: underWay })
    try {
      if (meter.latencyMs > 0) await setTimeout(meter.latencyMs, undefined, { signal })
      if (meter.failure !== null) throw meter.failure
      return await real()
    } finally {
      underWay -= 1
    }
  }

  const meter: MeteredSystem = {
    latencyMs: 0,
    failure: null,
    calls,
    concurrency: () => underWay,
    callsPerSecond: span =>
      countsPerSecond(
        calls.map(({ atMs }) => atMs),
        span,
      ),
    concurrencyPerSecond: span =>
      overSeconds(
        calls,
        span,
        ({ atMs }) => atMs,
        all => Math.max(0, ...all.map(({ concurrency }) => concurrency)),
      ),
    lay: connectors => {
      const laid = SYSTEM_KEYS.map((key): [SystemKey, Connector] => {
        const connector = connectors[key]
        if (key !== system) return [key, connector]
        return [
          key,
          {
            ...connector,
            lookup: (relation, query, signal) => metered(signal, () => connector.lookup(relation, query, signal)),
            page: (relation, query, signal) => metered(signal, () => connector.page(relation, query, signal)),
          },
        ]
      })
      return Object.fromEntries(laid) as Record<SystemKey, Connector>
    },
  }
  return meter
}
