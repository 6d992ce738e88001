import type { GraphQLSchema } from 'graphql'
import { createAdmission } from '../../admission/admission.ts'
import type { Config, SystemConfig } from '../../config/load-config.ts'
import { createPartnerRegistry } from '../../identity/partner-registry.ts'
import type { Clock } from '../../model/clock.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../model/system.ts'
import { createCounters } from '../../observe/counters.ts'
import { createLog } from '../../observe/log.ts'
import { type Declarations, readDeclarations } from '../../operations/declarations.ts'
import { createPartnerApi } from '../../partner-api.ts'
import { initialSnapshot } from '../../recovery/fold/initial.ts'
import type { Recovery } from '../../recovery/recovery.ts'
import type { SystemState } from '../../recovery/system-state.ts'
import { createGate } from '../../systems/gate.ts'
import { NOTHING_KNOWN } from '../../systems/last-known-good/last-known-good.ts'
import { RELATIONS } from '../../systems/relations/all.ts'
import { type Connectors, createRestoredSystems } from '../../systems/restored-systems.ts'
import { createSystems } from '../../systems/systems.ts'
import { CANARIES, type Canary, canaryEntry, canarySites } from './canary.ts'
import { createCanaryConnector } from './canary-connector.ts'

/**
 * A second gateway inside the first, to be thrown away: what partners meet, built as it is for them, over systems of
 * canaries that are all open. It listens nowhere, shares nothing, and knows the two partners of the self-test and no other.
 */
export interface CanaryGateway {
  /** What a canary is answered over HTTP. */
  ask(canary: Canary, query: string): Promise<CanaryAnswer>
  close(): Promise<void>
}

export interface CanaryAnswer {
  readonly data: unknown
  /** What went wrong, for operators; empty: nothing. */
  readonly problems: readonly string[]
}

export interface CanaryGatewayOptions {
  readonly config: Config
  /** Resolvers are attached to it. */
  readonly schema: GraphQLSchema
  /** In place of those of canaries. */
  readonly connectors?: Connectors
  readonly clock: Clock
}

const HOUR_MS = 3_600_000
/** Load is no reason to refuse the self-test. */
const UNBOUNDED = { inFlightPerPartner: 1_000, refusedDocumentCost: 0, loopDelayMs: 0, reservedPerSecond: 0 }

export async function startCanaryGateway(options: CanaryGatewayOptions): Promise<CanaryGateway> {
  const { schema, clock, connectors = canaryConnectors() } = options
  const config = openConfig(options.config)
  const counters = createCounters()
  const lines: string[] = []
  const log = createLog({ level: 'error', destination: { write: line => void lines.push(line) } })
  const sites = canarySites()
  const recovery = openRecovery(clock, scopesIn(readDeclarations(schema)))
  const restored = createRestoredSystems({
    connectors,
    systems: config.systems,
    sites,
    recovery,
    clock,
    log,
    counters,
    onForeignRows: () => {},
  })
  const registry = createPartnerRegistry({ recovery, limits: config.limits })
  const gate = createGate(recovery, registry.confirm)
  const { server, stop } = await createPartnerApi(config, {
    sites,
    recovery,
    evidence: () => [],
    restored,
    systems: createSystems({ restored, gate, lastKnownGood: NOTHING_KNOWN, clock }),
    gate,
    registry,
    store: null,
    authenticate({ authorization = '' }) {
      const { entry } = [...recovery.current().state.partners.values()].find(({ entry }) =>
        entry.clients.includes(authorization),
      ) ?? { entry: null }
      const viewer = entry && registry.viewerFor(authorization, new Set(entry.scopes))
      if (viewer === null) throw new TypeError('the self-test knows its own partners only')
      return { viewer, expiresAtMs: clock.now() + HOUR_MS }
    },
    knownViewer: () => undefined,
    isKnown: () => true,
    countKnown: () => {},
    admission: createAdmission({ settings: UNBOUNDED, memoryBound: Infinity, store: null, clock, counters }),
    accessLog: null,
    tracing: null,
    web: null,
    signInAsSample: null,
    schema,
    clock,
    log,
    counters,
  })
  return {
    async ask({ client }, query) {
      lines.length = 0
      const { payload } = await server.inject({
        method: 'POST',
        url: '/graphql',
        headers: { host: 'localhost', authorization: client, 'content-type': 'application/json' },
        payload: JSON.stringify({ query }),
      })
      const { data = null, errors = [] } = JSON.parse(payload)
      return { data, problems: errors.length === 0 ? [] : [...causesIn(lines), ...messagesOf(errors)] }
    },
    async close() {
      await stop()
      await server.close()
    },
  }
}

function canaryConnectors(): Connectors {
  return Object.fromEntries(SYSTEM_KEYS.map(key => [key, createCanaryConnector(RELATIONS[key])])) as Record<
    SystemKey,
    ReturnType<typeof createCanaryConnector>
  >
}

/** As configured, but for what would keep the self-test from asking, or ask by itself. */
function openConfig(config: Config): Config {
  return {
    ...config,
    listen: { ...config.listen, tls: undefined },
    documents: { ...config.documents, maxTokens: 4_000, maxLength: 100_000, maxDepth: 100, maxPageSize: 1_000 },
    trustedDocuments: { mode: 'off', partners: {}, manifests: [] },
    warmUp: { ...config.warmUp, questions: 0 },
    systems: Object.fromEntries(SYSTEM_KEYS.map(key => [key, unhurried(config.systems[key])])) as Config['systems'],
  }
}

function unhurried(system: SystemConfig): SystemConfig {
  const unbounded = { start: 1_000, cap: 1_000 }
  const shield = { ...system.shield, concurrency: unbounded, callsPerSecond: { start: 1_000_000, cap: 1_000_000 } }
  return { ...system, deadlineMs: 10_000, shield }
}

/** A restart in which all is open, and that nothing changes. */
function openRecovery(clock: Clock, scopes: readonly string[]): Recovery {
  const at = new Date(clock.now()).toISOString()
  const { state, epochs } = initialSnapshot('self-test', at)
  const isOpen = (key: SystemKey): SystemState => ({ ...state.systems[key], lifecycle: 'OPEN' })
  const systems = Object.fromEntries(SYSTEM_KEYS.map(key => [key, isOpen(key)])) as Record<SystemKey, SystemState>
  const partners = new Map(
    CANARIES.map(canary => [canary.bpnl, { entry: canaryEntry(canary, scopes), epoch: 'self-test.1', grantedAt: at }]),
  )
  const snapshot = { state: { ...state, systems, partners }, epochs }
  return { current: () => snapshot, onChange: () => () => {} }
}

function scopesIn(declarations: Declarations): readonly string[] {
  return [...new Set([...declarations.values()].flatMap(({ requirements }) => requirements.flat(2)))]
}

/** What the log says of a failure, which a partner is not told. */
function causesIn(lines: readonly string[]): readonly string[] {
  return lines.map(line => {
    const { error, message, problem } = JSON.parse(line)
    return String(error?.message ?? problem ?? message)
  })
}

function messagesOf(errors: readonly { readonly message: string }[]): readonly string[] {
  return errors.map(({ message }) => message)
}
