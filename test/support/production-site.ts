import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { parse, stringify } from 'yaml'
import { createDataset, type Dataset } from '../../demo/generator/dataset.ts'
import { fillServerDatabase } from '../../demo/server-database.ts'
import { JOURNAL_DDL } from '../../src/recovery/journal/schema.ts'
import type { Served } from '../connectors/odata/served.ts'
import { type ODataServer, startODataServer } from '../connectors/odata/server.ts'
import { createTableEngine } from '../connectors/odata/table-engine.ts'
import { TEST_DATASET } from './dataset.ts'
import { financeService } from './finance-service.ts'
import { ALL_SCOPES } from './gateway.ts'
import { type OpenIdProvider, startOpenIdProvider } from './openid-provider.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from './postgres.ts'
import { type ProductionPage, readProductionPage } from './production-page.ts'
import { type RedisServer, redisBinary, startRedis } from './redis.ts'
import { writeScheduleDrop } from './schedule-drop.ts'
import { urlAs } from './shared-store.ts'
import { createSignatories, type Signatories } from './signatories.ts'
import { INCIDENT } from './site.ts'

/**
 * Everything that `config/production.yaml` names, for real, on this machine: both databases, the shared store, the OData
 * service, the files of the production schedule, the OpenID provider and the keys of all who sign.
 */
export interface ProductionSite {
  /** With which `config/production.yaml` is complete. Processes that get it keep their temporary files in `temporary`. */
  readonly env: Readonly<Record<string, string>>
  readonly temporary: string
  readonly dataset: Dataset
  readonly database: PostgresServer
  readonly store: RedisServer
  readonly finance: ODataServer
  /** What that service has. */
  readonly financeData: Served
  /** Directory of the drop. */
  readonly schedule: string
  readonly provider: OpenIdProvider
  readonly signatories: Signatories
  /** What the database's superuser does, in the database of this name. */
  inDatabase(name: 'parts' | 'journal', sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** A copy of `config/production.yaml` with a change. */
  // biome-ignore lint/suspicious/noExplicitAny: a configuration is changed by path
  configure(change: (configuration: any) => void): Promise<string>
  stop(): Promise<void>
}

export const PRODUCTION_CONFIG = fileURLToPath(new URL('../../config/production.yaml', import.meta.url))
export const FINANCE_SERVICE = 'FINANCE'

const SITES = fileURLToPath(new URL('../../demo/directory/sites.yaml', import.meta.url))
const AUDIENCE = 'https://gateway.manufacturer.example/graphql'
const STATEMENT_AUDIENCE = 'urn:recovery-gateway:production'
const FINANCE_USER = { user: 'RECOVERY_GATEWAY', password: 'of-the-finance-reader' }

/** The servers that it needs and this machine lacks; in continuous integration that is a failure. */
export function missingServers(): readonly string[] {
  return [...(postgresBinaries() ? [] : ['postgresql']), ...(redisBinary() ? [] : ['redis-server'])]
}

/** `clients`: whom the provider gives tokens. */
export async function startProductionSite(clients: readonly string[]): Promise<ProductionSite> {
  const page = await readProductionPage()
  const dataset = createDataset(TEST_DATASET)
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-production-'))
  const stops: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })]
  const stop = async () => void (await Promise.all(stops.splice(0).map(end => end())))
  /** What has started is stopped, whatever becomes of the rest. */
  async function kept<T>(piece: Promise<T>, end: (piece: T) => Promise<void>): Promise<T> {
    const started = await piece
    stops.push(() => end(started))
    return started
  }
  const schedule = join(directory, 'schedule')
  const temporary = join(directory, 'temporary')
  const financeData = financeService(dataset)
  const user = page.block('text acl').trim().replace('user ', '')
  const pieces = [
    kept(startDatabases(dataset, page), ({ server }) => server.stop()),
    kept(startRedis(redisBinary() ?? '', { users: [user] }), store => store.stop()),
    kept(startFinance(financeData), service => service.close()),
    kept(startOpenIdProvider({ audience: AUDIENCE, scopes: ALL_SCOPES, clients }), provider => provider.close()),
    createSignatories(directory, { audience: STATEMENT_AUDIENCE, incident: INCIDENT }),
    writeScheduleDrop(dataset, schedule),
    mkdir(temporary),
  ] as const
  // One that starts after the others were stopped would be left running.
  await Promise.allSettled(pieces)
  const [databases, store, finance, provider, signatories] = await Promise.all(pieces).catch(async thrown => {
    await stop()
    throw thrown
  })

  return {
    env: {
      LISTEN_HOST: '127.0.0.1',
      // All of it runs on one machine, beside other tests.
      CONNECT_TIMEOUT_MS: '20000',
      SHARED_STORE_TIMEOUT_MS: '2000',
      PORT: '0',
      ADMIN_PORT: '0',
      ISSUER: provider.issuer,
      AUDIENCE,
      PUBLIC_URL: 'https://gateway.manufacturer.example',
      SITES,
      SHARED_STORE_URL: urlAs('gateway', 'choose-a-third', store.url),
      PARTS_DATABASE_URL: databases.urlOf('parts', 'parts_reader:choose-one'),
      FINANCE_ODATA_URL: `${finance.url}/${FINANCE_SERVICE}`,
      FINANCE_ODATA_USER: FINANCE_USER.user,
      FINANCE_ODATA_PASSWORD: FINANCE_USER.password,
      SCHEDULE_EXTRACTS: schedule,
      INCIDENT,
      SIGNATORIES: signatories.files.keys,
      SIGNATORIES_SHA256: signatories.files.sha256,
      GATEWAY_SIGNING_KEY: signatories.files.signingKey,
      JOURNAL_DATABASE_URL: databases.urlOf('journal', 'journal_writer:choose-another'),
      CHECKPOINTS: join(directory, 'checkpoints.jws'),
      ACCESS_LOG: join(directory, 'access'),
      TMPDIR: temporary,
    },
    temporary,
    dataset,
    database: databases.server,
    store,
    finance,
    financeData,
    schedule,
    provider,
    signatories,
    inDatabase: (name, sql) => asSuperuser(databases.server, name, sql),
    async configure(change) {
      const configuration = parse(await readFile(PRODUCTION_CONFIG, 'utf8'))
      // A busy machine is to refuse nobody where that is not the subject.
      configuration.admission = { ...configuration.admission, loopDelayMs: 0 }
      change(configuration)
      const file = join(directory, `${randomUUID()}.yaml`)
      await writeFile(file, stringify(configuration))
      return file
    },
    stop,
  }
}

interface Databases {
  readonly server: PostgresServer
  urlOf(database: 'parts' | 'journal', user: string): string
}

/** One server with a database for the parts and one for the journal, and their roles as `docs/production.md` makes them. */
async function startDatabases(dataset: Dataset, page: ProductionPage): Promise<Databases> {
  const access = ['host all parts_reader,journal_writer 127.0.0.1/32 scram-sha-256']
  const server = await startPostgres(postgresBinaries() ?? '', { access })
  try {
    await asSuperuser(server, 'postgres', 'CREATE DATABASE parts STRATEGY file_copy')
    await asSuperuser(server, 'postgres', 'CREATE DATABASE journal STRATEGY file_copy')
    await asSuperuser(server, 'journal', page.block('sql journal'))
    await asSuperuser(server, 'journal', JOURNAL_DDL('recovery_journal', 'journal_writer'))
    const connectionString = urlOf(server, 'parts')
    const systems = ['PARTS_LOGISTICS'] as const
    await fillServerDatabase({ connectionString, dataset, systems, replace: false, reader: null })
    await asSuperuser(server, 'parts', page.block('sql parts'))
  } catch (thrown) {
    await server.stop()
    throw thrown
  }
  return { server, urlOf: (database, user) => urlOf(server, database, user) }
}

function urlOf({ connectionString }: PostgresServer, database: string, user = 'gateway'): string {
  return connectionString.replace('gateway@', `${user}@`).replace(/postgres$/, database)
}

async function asSuperuser(server: PostgresServer, database: string, sql: string) {
  const client = new pg.Client({ connectionString: urlOf(server, database) })
  await client.connect()
  try {
    const { rows } = await client.query(sql)
    return rows ?? []
  } finally {
    await client.end()
  }
}

const startFinance = (data: Served): Promise<ODataServer> =>
  startODataServer({
    version: 'V4',
    services: { [FINANCE_SERVICE]: data },
    pageLimit: 1_000,
    createEngine: createTableEngine,
    basic: FINANCE_USER,
  })
