import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe } from '@jest/globals'
import pg from 'pg'
import { stringify } from 'yaml'
import { type App, type AppOptions, createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { createEmbeddedIssuer, type EmbeddedIssuer } from '../../src/identity/embedded-issuer.ts'
import { type Clock, systemClock } from '../../src/model/clock.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { createLog } from '../../src/observe/log.ts'
import { JOURNAL_DDL } from '../../src/recovery/journal/schema.ts'
import type { SignatoryRole } from '../../src/recovery/statements/signatory.ts'
import type { SigningKey } from '../../src/recovery/statements/signing-key.ts'
import type { KindName } from '../../src/recovery/statements/statement-kinds.ts'
import { OUTBOX_DDL } from '../../src/webhooks/outbox-schema.ts'
import { ALL_SCOPES, type Answer, type Question } from './gateway.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from './postgres.ts'
import { createSignatories, type SignOptions } from './signatories.ts'
import { watched } from './watched-logs.ts'

/**
 * A site as a manufacturer runs it: a PostgreSQL server with the journal, a key for every role, and as many instances of
 * the gateway as a test starts. Nothing is declared: what opens has been signed.
 */
export interface Site {
  readonly database: PostgresServer
  /** A session of the database's superuser, for whoever wants to do harm. */
  superuser(): Promise<pg.Client>
  start(options?: InstanceOptions): Promise<Instance>
  /** A configuration file for one more instance, to be started as a process; its ports are any free ones. */
  configure(options?: Pick<InstanceOptions, 'policy' | 'settings'>): Promise<string>
  /** An access token with all scopes. */
  token(client: string): Promise<string>
  sign(kind: KindName, claims: object, options?: SignOptions): Promise<string>
  key(role: SignatoryRole): SigningKey
  stop(): Promise<void>
}

export interface InstanceOptions {
  readonly connectors?: NonNullable<AppOptions['connectors']>
  readonly clock?: Clock
  /** Laid over the policy. */
  readonly policy?: Readonly<Record<string, unknown>>
  /** Laid over the configuration's top level. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Loopback port that leads to the journal's server. Default: its own. */
  readonly journalPort?: number
}

export interface Instance {
  readonly app: App
  readonly logged: Record<string, unknown>[]
  /** Hands a statement in; gives what the desk throws as well. */
  submit(token: string): ReturnType<NonNullable<App['restart']>['desk']['submit']>
  ask(client: string, question: Question): Promise<Answer>
  lifecycle(system: SystemKey): string
  close(): Promise<void>
}

export const INCIDENT = 'INC-2025-0901'
const AUDIENCE = 'urn:recovery-gateway:test'
/** A shield that lets a whole crowd through from the first moment. */
export const WIDE_SHIELD = {
  concurrency: { start: 1_000, cap: 1_000 },
  callsPerSecond: { start: 1_000_000, cap: 1_000_000 },
  mostWaiting: 10_000,
}
const SCHEMA = 'recovery_journal'
const demo = fileURLToPath(new URL('../../demo/', import.meta.url))

/** A group of tests on a site of their own; skipped, with how to have them, where this machine has no PostgreSQL server. */
export function describeOnSite(name: string, tests: () => void): void {
  if (postgresBinaries() === null)
    describe.skip(`${name} (on a real PostgreSQL server: apt-get install postgresql)`, tests)
  else describe(name, tests)
}

/** `isSmall`: its systems have the rows of `SMALL_DATASET`, so that an instance starts sooner. */
export async function startSite({ isSmall = false }: { readonly isSmall?: boolean } = {}): Promise<Site> {
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-site-'))
  const database = await startPostgres(postgresBinaries() ?? '')
  const superuser = async () => {
    const client = new pg.Client({ connectionString: database.connectionString })
    // The server may be stopped under it.
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const owner = await superuser()
  await owner.query('CREATE ROLE journal_writer LOGIN')
  await owner.query(JOURNAL_DDL(SCHEMA, 'journal_writer') + OUTBOX_DDL(SCHEMA, 'journal_writer'))
  await owner.end()

  const identity = { issuer: 'https://issuer.test', audience: 'https://gateway.test' }
  const issuer = await createEmbeddedIssuer({ directory, ...identity, clock: systemClock })
  const { files, key, sign } = await createSignatories(directory, { audience: AUDIENCE, incident: INCIDENT })
  const instances = new Set<Instance>()

  async function configuration({
    policy,
    settings,
    journalPort,
  }: Pick<InstanceOptions, 'policy' | 'settings' | 'journalPort'> = {}): Promise<string> {
    const file = join(directory, `config-${randomUUID()}.yaml`)
    const { TEST_EXTRACTS, TEST_SMALL_EXTRACTS } = process.env
    const extracts = (isSmall ? TEST_SMALL_EXTRACTS : TEST_EXTRACTS) ?? ''
    const journal = new URL(database.connectionString)
    journal.username = 'journal_writer'
    if (journalPort !== undefined) journal.port = String(journalPort)
    await writeFile(
      file,
      stringify({
        listen: { port: 0, adminPort: 0 },
        identity: { ...identity, algorithms: ['ES256'], keys: { file: issuer.jwksFile } },
        sites: join(demo, 'directory/sites.yaml'),
        recovery: {
          incident: INCIDENT,
          audience: AUDIENCE,
          keys: { file: files.keys, sha256: files.sha256 },
          signingKey: files.signingKey,
          journal: { kind: 'postgres', connectionString: journal.href, schema: SCHEMA },
          checkpoints: { file: `checkpoints-${instances.size}.jws`, everyEntries: 10, everySeconds: 60 },
          policy: { limitedOpenHours: 0, feedSilentHours: 876_000, errorRatePercent: 100, ...policy },
        },
        systems: Object.fromEntries(
          // Reads are held for as long as a test wants, as many as it asks, however lately the system was opened.
          SYSTEM_KEYS.map(key => [
            key,
            {
              deadlineMs: 30_000,
              shield: WIDE_SHIELD,
              connector: { kind: 'extracts', directory: join(extracts, key) },
            },
          ]),
        ),
        limits: { requestTimeoutMs: 60_000 },
        // A busy machine is to refuse nobody where that is not the subject.
        admission: { loopDelayMs: 0, inFlightPerPartner: 100_000 },
        ...settings,
      }),
    )
    return file
  }

  return {
    database,
    superuser,
    configure: configuration,
    token: client => tokenOf(issuer, client),
    async start(options = {}) {
      const { connectors, clock = systemClock } = options
      const logged: Record<string, unknown>[] = []
      const log = createLog({ level: 'debug', destination: watched(line => void logged.push(JSON.parse(line))) })
      const app = await createApp(await loadConfig(await configuration(options), {}), {
        log,
        counters: createCounters(),
        clock,
        ...(connectors && { connectors }),
      })
      await app.prove()
      const instance: Instance = {
        app,
        logged,
        submit: token => restartOf(app).desk.submit(token),
        ask: (client, question) => ask(app, issuer, client, question),
        lifecycle: system => app.recovery.current().state.systems[system].lifecycle,
        async close() {
          instances.delete(instance)
          await app.partners.close()
          await app.admin.close()
          await app.close()
        },
      }
      instances.add(instance)
      return instance
    },
    key,
    sign,
    async stop() {
      for (const instance of instances) await instance.close()
      await database.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

export function restartOf({ restart }: App): NonNullable<App['restart']> {
  if (restart === null) throw new Error('this gateway has no journal')
  return restart
}

const tokenOf = (issuer: EmbeddedIssuer, client: string) =>
  issuer.sign({ clientId: client, scopes: ALL_SCOPES, lifetimeSeconds: 3_600 })

async function ask(app: App, issuer: EmbeddedIssuer, client: string, question: Question): Promise<Answer> {
  const token = await tokenOf(issuer, client)
  const response = await app.partners.inject({
    method: 'POST',
    url: '/graphql',
    headers: { host: 'gateway.test', authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    payload: JSON.stringify(question),
  })
  return { status: response.statusCode, headers: response.headers, text: response.payload, body: response.json() }
}
