import type { Gauge } from '../observe/gauges.ts'
import type { SharedStore } from './shared-store.ts'

/** What is watched of the shared store: 1 while it answers, 0 while it is away. */
export function storeGauges({ health }: Pick<SharedStore, 'health'>): readonly Gauge[] {
  return [{ name: 'shared_store_reachable', read: () => [{ value: Number(health().reachable) }] }]
}
