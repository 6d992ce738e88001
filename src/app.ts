import type { FastifyInstance } from 'fastify'
import { createAdmission } from './admission/admission.ts'
import { embeddedDatabaseDirectory } from './config/embedded.ts'
import { generationOf } from './config/generation.ts'
import { lastKnownGoodStoreOf } from './config/last-known-good.ts'
import type { Config } from './config/load-config.ts'
import { memoryBoundOf } from './config/memory-bound.ts'
import { readRestartSettings } from './config/restart-settings.ts'
import { parseSiteDirectory } from './config/site-directory.ts'
import { readYaml } from './config/yaml-file.ts'
import { observeConnectors } from './connectors/observed.ts'
import { openConnectors } from './connectors/open.ts'
import { createEmbeddedPostgres } from './connectors/postgres/embedded.ts'
import { openAccessLog } from './http/access-log.ts'
import { createAdminServer } from './http/admin/listener.ts'
import { createPlatformView } from './http/admin/platform-view.ts'
import { createOperatorPort } from './http/admin/views.ts'
import type { SignInAsSample } from './http/web/sample-sign-in.ts'
import { readWebBuild } from './http/web/web-build.ts'
import { createIdentity } from './identity/identity.ts'
import { createPartnerRegistry, type PartnerRegistry } from './identity/partner-registry.ts'
import type { Clock, OtherClock } from './model/clock.ts'
import { openBoth, openTogether } from './model/opening.ts'
import type { SystemKey } from './model/system.ts'
import type { Counters } from './observe/counters.ts'
import type { Log } from './observe/log.ts'
import { openTracing } from './observe/open-tracing.ts'
import { impactOf } from './operations/impact.ts'
import { createPartnerApi } from './partner-api.ts'
import type { Observation } from './recovery/lifecycle/observation.ts'
import type { Recovery } from './recovery/recovery.ts'
import { openRestart, type Restart } from './recovery/restart.ts'
import { openSharedStore } from './store/redis-store.ts'
import { createGate } from './systems/gate.ts'
import { openLastKnownGood } from './systems/last-known-good/open.ts'
import { summableColumns } from './systems/relations/all.ts'
import { type Connectors, createRestoredSystems, proveAll, type SystemProof } from './systems/restored-systems.ts'
import { createSystems } from './systems/systems.ts'
import { createWatch } from './systems/watch.ts'
import { openWebhooks, type Webhooks } from './webhooks/webhooks.ts'

/**
 * The composition root: lays the ground (restart, systems, identity, admission), builds on it what partners meet, which is
 * `partner-api.ts`, and what operators meet. The two files are the only ones that know the steps of the road.
 */
export interface App {
  /** Faces partners. */
  readonly partners: FastifyInstance
  /** Health, metrics, and the operators' statements. */
  readonly admin: FastifyInstance
  readonly recovery: Recovery
  /** Null where another recovery stands in its place. */
  readonly restart: Restart | null
  readonly registry: PartnerRegistry
  /** Null: none is configured. */
  readonly webhooks: Webhooks | null
  /** Has each system prove that it can be read, and only read. */
  prove(): Promise<readonly SystemProof[]>
  /** Those that this machine's is to agree with. */
  readonly clocks: readonly OtherClock[]
  /** Looks at a system for its evidence, whatever its lifecycle. */
  examine(system: SystemKey, relations: readonly string[]): Promise<Observation>
  /** Closes the connectors and the journal, once nothing can ask them any more. */
  close(): Promise<void>
}

export interface AppOptions {
  readonly log: Log
  readonly counters: Counters
  readonly clock: Clock
  /** Stands in front of the configured connectors. */
  readonly connectors?: (configured: Connectors) => Connectors
  /** How operations are executed; the defaults are what serves partners. */
  readonly execution?: { readonly compiled: boolean; readonly cached: boolean }
  /** Stands in place of the journal, where a state is declared instead of signed. */
  readonly recovery?: Recovery
  /** Of this process among those of the machine, from 1; left out: it is the only one. */
  readonly worker?: number
  /** Signs in the sample partners of the embedded default, from its pages. */
  readonly signInAsSample?: SignInAsSample
  /** What is shown as metrics, given those of this process: where there are several, those of all. */
  readonly metrics?: (own: () => string) => () => string | Promise<string>
}

export function createApp(config: Config, options: AppOptions): Promise<App> {
  return openTogether(opened => openApp(config, options, opened))
}

/** @param opened takes all that has to be closed, the last first */
async function openApp(config: Config, options: AppOptions, opened: AsyncDisposableStack): Promise<App> {
  const { log, counters, clock, connectors = configured => configured, worker = 0 } = options
  const tracing = await openTracing(config.traces, { log, counters })
  opened.defer(() => tracing?.close())
  const sites = parseSiteDirectory(await readYaml(config.sites), config.sites)
  const embedded = config.embedded ? createEmbeddedPostgres(embeddedDatabaseDirectory(config.embedded.directory)) : null
  opened.defer(() => embedded?.close())

  // The restart: what is open, to whom, on what evidence. Extracts are loaded by another thread meanwhile.
  const examine: App['examine'] = (system, relations) => restored[system].examine(relations)
  const openOwnRestart = async () =>
    openRestart({
      settings: await readRestartSettings(config.recovery),
      embedded: embedded?.database ?? null,
      clock,
      log,
      examine,
      known: { isKnownSite: bpns => sites.has(bpns), columnsOf: summableColumns },
    })
  const [restart, configured] = await openBoth(
    { opening: options.recovery ? Promise.resolve(null) : openOwnRestart(), close: own => own?.close() },
    {
      opening: openConnectors(config, { log, clock, counters, embedded, tracing }),
      close: all => Promise.all(Object.values(all).map(connector => connector.close())),
    },
  )
  const recovery = restart?.recovery ?? options.recovery
  if (recovery === undefined) throw new TypeError('there is a restart, or a recovery in its place')

  // The restored systems over their connectors, behind the gate.
  const restored = createRestoredSystems({
    connectors: observeConnectors(connectors(configured), { counters, tracing }),
    systems: config.systems,
    sites,
    recovery,
    clock,
    log,
    counters,
    onForeignRows: (system, relation, rows) =>
      restart?.closeSystem(system, { cause: 'FOREIGN_ROWS', reason: `${relation} gave ${rows} rows of another owner` }),
  })
  opened.defer(async () => void (await Promise.all(Object.values(restored).map(system => system.close()))))
  opened.defer(() => restart?.close())
  const accessLog = config.accessLog ? openAccessLog(config.accessLog, { worker, now: clock.now, log, counters }) : null
  opened.defer(() => accessLog?.close())
  const registry = createPartnerRegistry({ recovery, limits: config.limits })
  const gate = createGate(recovery, registry.confirm)
  const { sharedStore: settings } = config
  const store = settings ? await openSharedStore({ settings, restart: config.recovery, clock, log, counters }) : null
  opened.defer(() => store?.close())
  const lastKnownGood = await openLastKnownGood({
    store: lastKnownGoodStoreOf(config),
    shared: store?.lastKnown ?? null,
    generation: generationOf(config, sites),
    recovery,
    isKnownSite: bpns => sites.has(bpns),
    clock,
    log,
    counters,
  })
  opened.defer(() => lastKnownGood.close())
  const systems = createSystems({ restored, gate, lastKnownGood, clock })

  // From a token to a viewer, and what the viewer may spend.
  const identity = await createIdentity(config.identity, { registry, clock, log, counters, store })
  opened.defer(() => identity.close())
  const { authenticate, knownViewer, isKnown, countKnown } = identity
  const memoryBound = memoryBoundOf(config)
  const admission = createAdmission({ settings: config.admission, memoryBound, store, clock, counters })

  const web = config.statusPage.enabled ? await readWebBuild() : null
  const { signInAsSample = null } = options
  const healthOf = (system: SystemKey) => restored[system].health()
  const evidence = restart?.evidence ?? (() => [])
  const ground = {
    sites,
    recovery,
    evidence,
    restored,
    systems,
    gate,
    registry,
    store,
    authenticate,
    knownViewer,
    isKnown,
    countKnown,
    admission,
    accessLog,
    tracing,
    web,
    signInAsSample,
  }
  const api = await createPartnerApi(config, { ...ground, clock, log, counters, execution: options.execution })
  opened.defer(() => api.stop())
  const reading = { recovery, ...registry, read: api.readRestart, embedded: embedded?.database ?? null }
  const webhooks = await openWebhooks(config, { ...reading, clock, log, counters })
  opened.defer(() => webhooks?.close())
  api.server.addHook('onReady', async () => webhooks?.start())

  // What the platform that runs the gateway sees, and what its operators do.
  const operator =
    restart &&
    createOperatorPort({
      restart,
      healthOf,
      impact: (before, after) => impactOf(before, after, api),
      webhooks,
    })
  const view = createPlatformView({
    config,
    others: [...api.gauges, ...(webhooks?.gauges ?? [])],
    recovery,
    restart,
    restored,
    identity,
    store,
    accessLog,
    admission,
    counters,
    clock,
  })
  opened.defer(() => view.stop())
  const admin = createAdminServer({
    log,
    operator,
    host: config.listen.adminHost,
    ...view,
    metrics: options.metrics?.(view.metrics) ?? view.metrics,
  })
  const watch =
    restart &&
    createWatch({
      restored,
      recovery,
      everySeconds: config.recovery.watchSeconds,
      onObservation: restart.observed,
      log,
    })

  opened.defer(() => watch?.stop())

  const prove = async () => {
    const proofs = await proveAll(restored)
    // What has drifted while no gateway ran is found now, not at the end of the first interval.
    void watch?.look()
    return proofs
  }
  const clocks: readonly OtherClock[] = [
    ...(restart && !embedded ? [{ of: "the journal's database", offsetMs: restart.clockOffsetMs }] : []),
    ...(store ? [{ of: 'the shared store', offsetMs: store.clockOffsetMs }] : []),
  ]
  const close = () => opened.disposeAsync()
  return { partners: api.server, admin, recovery, restart, registry, webhooks, prove, clocks, examine, close }
}
