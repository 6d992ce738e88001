import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { type App, type AppOptions, createApp } from '../../src/app.ts'
import { type Config, loadConfig } from '../../src/config/load-config.ts'
import { createEmbeddedIssuer, type EmbeddedIssuer } from '../../src/identity/embedded-issuer.ts'
import { type Clock, systemClock } from '../../src/model/clock.ts'
import type { PartnerEntry } from '../../src/model/partner-entry.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import { type Counters, createCounters } from '../../src/observe/counters.ts'
import { createLog } from '../../src/observe/log.ts'
import type { Connector } from '../../src/systems/connector.ts'
import { createDeclaredRecovery, type DeclaredRecovery } from './declared-recovery.ts'
import { storyState } from './story-state.ts'
import { watched } from './watched-logs.ts'

/**
 * A whole gateway in this process, over the embedded default's data as extracts: everything that serves partners but
 * the socket. Its connectors count their calls.
 */
export interface TestGateway {
  readonly app: App
  readonly config: Config
  readonly counters: Counters
  readonly issuer: EmbeddedIssuer
  /** The log's lines, parsed. */
  readonly logged: Record<string, unknown>[]
  /** Every read that reached a connector, as `lookup part`. */
  readonly reads: string[]
  /** Asks as a client with all the scopes that the registry grants it, or with those given; the signal has it hang up. */
  ask(client: string, question: Question, scopes?: readonly string[], signal?: AbortSignal): Promise<Answer>
  close(): Promise<void>
}

/** Begins with today's state of the story; tests declare what comes after it. */
export interface DeclaredGateway extends TestGateway {
  readonly recovery: DeclaredRecovery
  /** Changes what one partner is granted; the others keep what they have. */
  grant(bpnl: string, change: Partial<PartnerEntry>): void
}

export interface Question {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly operationName?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by path in tests
  readonly body: any
}

export interface TestGatewayOptions {
  readonly execution?: NonNullable<AppOptions['execution']>
  /** Stand between the counter and the connectors, to make faults. */
  readonly connectors?: NonNullable<AppOptions['connectors']>
  /** Laid over each system's configuration. */
  readonly systems?: Readonly<Record<string, unknown>>
  /** Laid over the configuration's top level. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly clock?: Clock
  /** Its systems have the rows of `SMALL_DATASET`, so that it starts sooner. */
  readonly isSmall?: boolean
  readonly signInAsSample?: NonNullable<AppOptions['signInAsSample']>
}

export const ALL_SCOPES = [
  'parts:read',
  'orders:read',
  'wholesale:read',
  'payments:read',
  'demand:read',
  'schedule:read',
  'restart:read',
  'evidence:read',
  'schema:read',
]

/** A gateway whose restart is declared: no journal, no guards, ready at once. */
export async function startGateway(options: TestGatewayOptions = {}): Promise<DeclaredGateway> {
  const recovery = createDeclaredRecovery(await storyState())
  const directory = await temporaryDirectory()
  const unused = join(directory, 'unused')
  const gateway = await startOn(directory, options, {
    recovery,
    identityKeys: file => ({ keys: { file } }),
    settings: {
      recovery: {
        incident: 'INC-2025-0901',
        audience: 'urn:gateway.test',
        keys: { file: unused, sha256: createHash('sha256').digest('hex') },
        signingKey: unused,
        journal: { kind: 'postgres', connectionString: 'postgres://nobody@localhost/nowhere' },
        checkpoints: { file: unused },
      },
    },
  })
  return {
    ...gateway,
    recovery,
    grant(bpnl, change) {
      const entries = [...recovery.current().state.partners.values()].map(({ entry }) => entry)
      recovery.grant(entries.map(entry => (entry.bpnl === bpnl ? { ...entry, ...change } : entry)))
    },
  }
}

/** What a gateway of tests stands on. */
export interface Ground {
  readonly recovery?: DeclaredRecovery
  /** Members of the section `identity`, where the file with the issuer's keys is to be named. */
  readonly identityKeys: (file: string) => object
  readonly settings: object
}

const TOKEN_SECONDS = 3_600
export const temporaryDirectory = () => mkdtemp(join(tmpdir(), 'recovery-gateway-app-'))

export async function startOn(directory: string, options: TestGatewayOptions, ground: Ground): Promise<TestGateway> {
  const { clock = systemClock } = options
  const identity = { issuer: 'https://issuer.test', audience: 'https://gateway.test' }
  const issuer = await createEmbeddedIssuer({ directory, ...identity, clock })
  const file = join(directory, 'config.yaml')
  const section = { ...identity, algorithms: ['ES256'], ...ground.identityKeys(issuer.jwksFile) }
  await writeFile(file, stringify(configuration(section, ground, options)))
  const config = await loadConfig(file, {})

  const logged: Record<string, unknown>[] = []
  const log = createLog({ level: 'debug', destination: watched(line => void logged.push(JSON.parse(line))) })
  const counters = createCounters()
  const reads: string[] = []
  const app = await createApp(config, {
    log,
    counters,
    clock,
    connectors: configured => counting(options.connectors?.(configured) ?? configured, reads),
    ...(options.execution ? { execution: options.execution } : {}),
    ...(options.signInAsSample ? { signInAsSample: options.signInAsSample } : {}),
    ...(ground.recovery ? { recovery: ground.recovery } : {}),
  })
  await app.prove()
  const tokens = new Map<string, { readonly token: Promise<string>; readonly renewedMs: number }>()
  /** One that is good for a while yet, also where the test has put the clock forward. */
  const tokenOf = (clientId: string, scopes: readonly string[]): Promise<string> => {
    const name = JSON.stringify([clientId, scopes])
    const known = tokens.get(name)
    if (known !== undefined && clock.now() < known.renewedMs) return known.token
    const token = issuer.sign({ clientId, scopes, lifetimeSeconds: TOKEN_SECONDS })
    tokens.set(name, { token, renewedMs: clock.now() + (TOKEN_SECONDS * 1_000) / 2 })
    return token
  }
  return {
    app,
    config,
    counters,
    issuer,
    logged,
    reads,
    async ask(client, question, scopes = ALL_SCOPES, signal) {
      const authorization = `Bearer ${await tokenOf(client, scopes)}`
      const response = await app.partners.inject({
        method: 'POST',
        url: '/graphql',
        headers: { host: 'gateway.test', authorization, 'content-type': 'application/json' },
        payload: JSON.stringify(question),
        ...(signal && { signal }),
      })
      return { status: response.statusCode, headers: response.headers, text: response.payload, body: response.json() }
    },
    async close() {
      await app.partners.close()
      await app.admin.close()
      await app.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function configuration(
  identity: object,
  ground: Pick<Ground, 'settings'>,
  { settings, systems, isSmall = false }: TestGatewayOptions,
): object {
  const { TEST_EXTRACTS, TEST_SMALL_EXTRACTS } = process.env
  const extracts = (isSmall ? TEST_SMALL_EXTRACTS : TEST_EXTRACTS) ?? ''
  return {
    listen: { port: 0, adminPort: 0 },
    identity,
    sites: fileURLToPath(new URL('../../demo/directory/sites.yaml', import.meta.url)),
    systems: Object.fromEntries(
      SYSTEM_KEYS.map(key => [key, { connector: { kind: 'extracts', directory: join(extracts, key) }, ...systems }]),
    ),
    // What becomes of a crowd is tested where that is the subject; a busy machine is to refuse nobody elsewhere.
    admission: { loopDelayMs: 0, inFlightPerPartner: 100_000 },
    ...ground.settings,
    ...settings,
  }
}

function counting(
  connectors: Readonly<Record<SystemKey, Connector>>,
  reads: string[],
): Readonly<Record<SystemKey, Connector>> {
  const counted = SYSTEM_KEYS.map((key): [SystemKey, Connector] => {
    const connector = connectors[key]
    return [
      key,
      {
        lookup(relation, query, signal) {
          reads.push(`lookup ${relation.name}`)
          return connector.lookup(relation, query, signal)
        },
        page(relation, query, signal) {
          reads.push(`page ${relation.name}`)
          return connector.page(relation, query, signal)
        },
        totals: (relation, signal) => connector.totals(relation, signal),
        freshness: signal => connector.freshness(signal),
        probe: (relations, signal) => connector.probe(relations, signal),
        warning: () => connector.warning(),
        close: () => connector.close(),
      },
    ]
  })
  return Object.fromEntries(counted) as Record<SystemKey, Connector>
}
