import type { Admission } from '../../admission/admission.ts'
import { admissionGauges } from '../../admission/gauges.ts'
import type { Config } from '../../config/load-config.ts'
import { memoryBoundOf } from '../../config/memory-bound.ts'
import { identityGauges } from '../../identity/gauges.ts'
import type { Identity } from '../../identity/identity.ts'
import type { Clock } from '../../model/clock.ts'
import { SYSTEM_KEYS } from '../../model/system.ts'
import type { Counters } from '../../observe/counters.ts'
import { type Gauge, prometheusGauges } from '../../observe/gauges.ts'
import { createProcessGauges } from '../../observe/process-gauges.ts'
import { lifecycleGauges, restartGauges } from '../../recovery/reading/gauges.ts'
import type { Recovery } from '../../recovery/recovery.ts'
import type { Restart } from '../../recovery/restart.ts'
import { storeGauges } from '../../store/gauges.ts'
import type { SharedStore } from '../../store/shared-store.ts'
import { systemGauges } from '../../systems/gauges.ts'
import { describeSystems, type RestoredSystems } from '../../systems/restored-systems.ts'
import type { KeptAccessLog } from '../access-log.ts'
import type { AdminServerOptions } from './listener.ts'

/** What the platform that runs the gateway sees: its readiness, with how all that it stands on is, and its metrics. */
export interface PlatformViewOptions {
  readonly config: Config
  readonly recovery: Recovery
  /** Null: the restart has no journal here. */
  readonly restart: Restart | null
  readonly restored: RestoredSystems
  readonly identity: Pick<Identity, 'health'>
  /** Null: instances share no store. */
  readonly store: Pick<SharedStore, 'health'> | null
  /** Null: requests leave their lines in the log. */
  readonly accessLog: Pick<KeptAccessLog, 'health' | 'gauges'> | null
  readonly admission: Pick<Admission, 'load' | 'executions'>
  /** What the partners' side and the webhooks watch of themselves. */
  readonly others: readonly Gauge[]
  readonly counters: Counters
  readonly clock: Clock
}

export interface PlatformView extends Pick<AdminServerOptions, 'readiness'> {
  /** Those of this process. */
  readonly metrics: () => string
  /** Ends what it watches. */
  stop(): void
}

export function createPlatformView(options: PlatformViewOptions): PlatformView {
  const { config, recovery, restart, restored, identity, store, accessLog, admission, others, counters, clock } =
    options
  const process = createProcessGauges({ memoryBoundBytes: memoryBoundOf(config) })
  // No answer leaves without its line: nobody is served who is sent here.
  const isReady = () => (accessLog?.health().failingSince ?? null) === null
  const gauges: readonly Gauge[] = [
    { name: 'ready', read: () => [{ value: Number(isReady()) }] },
    ...lifecycleGauges(recovery),
    ...(restart ? restartGauges(restart, clock) : []),
    ...systemGauges(restored),
    ...identityGauges(identity.health),
    ...(store ? storeGauges(store) : []),
    ...(accessLog?.gauges ?? []),
    ...admissionGauges(admission),
    ...others,
    {
      name: 'system_concurrency_cap',
      read: () =>
        SYSTEM_KEYS.map(system => ({ labels: { system }, value: config.systems[system].shield.concurrency.cap })),
    },
    ...process.gauges,
  ]
  const countChange = new Map(SYSTEM_KEYS.map(system => [system, counters.counter('system_epoch_changes', { system })]))
  const unsubscribe = recovery.onChange((before, after) => {
    for (const [system, count] of countChange) if (before.epochs[system] !== after.epochs[system]) count()
  })
  return {
    readiness: async () => ({
      ready: isReady(),
      journal: restart?.health() ?? null,
      issuer: identity.health().keys,
      sharedStore: store?.health() ?? null,
      accessLog: accessLog?.health() ?? null,
      systems: describeSystems(restored, recovery),
    }),
    metrics: () => counters.prometheus() + prometheusGauges(gauges),
    stop() {
      unsubscribe()
      process.stop()
    },
  }
}
