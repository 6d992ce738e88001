import type { Connector, LookupQuery, PageReading, RawRow } from '../../src/systems/connector.ts'

export const AS_OF = '2025-10-07T06:00:00.000Z'

/** A source that does as a test says, faults included; what is not said works and has no rows. */
export interface Script {
  probe?: () => Promise<void>
  freshness?: () => Promise<string>
  /** The answer to a look-up; anything at all, as a broken source may give anything. */
  lookup?: (query: LookupQuery, signal: AbortSignal) => unknown
  page?: (signal: AbortSignal) => unknown
}

export interface ScriptedConnector extends Connector {
  /** The calls so far, by name, in order. */
  readonly calls: readonly string[]
}

export function createScriptedConnector(script: Script): ScriptedConnector {
  const calls: string[] = []
  return {
    calls,
    async probe() {
      calls.push('probe')
      await script.probe?.()
    },
    async freshness() {
      calls.push('freshness')
      return (await script.freshness?.()) ?? AS_OF
    },
    // Not async, so that a source may also throw before it gives a promise.
    lookup(_relation, query, signal) {
      calls.push('lookup')
      return (script.lookup ? script.lookup(query, signal) : reading([])) as Promise<PageReading>
    },
    page(_relation, _query, signal) {
      calls.push('page')
      return (script.page ? script.page(signal) : reading([])) as Promise<PageReading>
    },
    warning: () => null,
    totals: () => Promise.reject(new Error('nobody asked for totals')),
    close: async () => void calls.push('close'),
  }
}

export async function reading(rows: readonly RawRow[], hasNextPage = false): Promise<PageReading> {
  return { rows, asOf: AS_OF, hasNextPage }
}

export const hangs = (): Promise<never> => new Promise(() => {})
