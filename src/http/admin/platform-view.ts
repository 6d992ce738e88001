import { identityGauges } from '../../identity/gauges.ts'
import type { Identity } from '../../identity/identity.ts'
import type { Clock } from '../../model/clock.ts'
import type { Counters } from '../../observe/counters.ts'
import { prometheusGauges } from '../../observe/gauges.ts'
import { restartGauges } from '../../recovery/reading/gauges.ts'
import type { Recovery } from '../../recovery/recovery.ts'
import type { Restart } from '../../recovery/restart.ts'
import { storeGauges } from '../../store/gauges.ts'
import type { SharedStore } from '../../store/shared-store.ts'
import { systemGauges } from '../../systems/gauges.ts'
import { describeSystems, type RestoredSystems } from '../../systems/restored-systems.ts'
import type { AdminServerOptions } from './listener.ts'

/** What the platform that runs the gateway sees: its readiness, with how all that it stands on is, and its metrics. */
export interface PlatformViewOptions {
  readonly recovery: Recovery
  /** Null: the restart has no journal here. */
  readonly restart: Restart | null
  readonly restored: RestoredSystems
  readonly identity: Pick<Identity, 'health'>
  /** Null: instances share no store. */
  readonly store: Pick<SharedStore, 'health'> | null
  readonly counters: Counters
  readonly clock: Clock
}

export interface PlatformView extends Pick<AdminServerOptions, 'readiness'> {
  /** Those of this process. */
  readonly metrics: () => string
}

export function createPlatformView(options: PlatformViewOptions): PlatformView {
  const { recovery, restart, restored, identity, store, counters, clock } = options
  const gauges = [
    ...(restart ? restartGauges(restart, clock) : []),
    ...systemGauges(restored),
    ...identityGauges(identity.health),
    ...(store ? storeGauges(store) : []),
  ]
  return {
    readiness: async () => ({
      ready: true,
      journal: restart?.health() ?? null,
      issuer: identity.health().keys,
      sharedStore: store?.health() ?? null,
      systems: describeSystems(restored, recovery),
    }),
    metrics: () => counters.prometheus() + prometheusGauges(gauges),
  }
}
