import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { createTables } from '../../demo/ddl.ts'
import { schemaOf } from '../../demo/server-database.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { JOURNAL_DDL } from '../../src/recovery/journal/schema.ts'
import { RELATIONS } from '../../src/systems/relations/all.ts'
import { createAuthority } from '../support/certificates.ts'
import { ALL_SCOPES } from '../support/gateway.ts'
import { startOpenIdProvider } from '../support/openid-provider.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { createSignatories, type Signatories } from '../support/signatories.ts'
import { INCIDENT } from '../support/site.ts'

/**
 * What a deployment of `deploy/recovery-gateway.yaml` stands on, running on this machine: PostgreSQL and Valkey (or Redis) with
 * the certificates, passwords and users that `deploy/docker/prepare.sh` makes and `compose.yaml` configures, and an OpenID provider.
 */
export interface DeployedSite {
  /** The directory `site` as `prepare.sh` leaves it. */
  readonly directory: string
  /** What `prepare.sh` said before and after the site had brought its own files. */
  readonly prepared: readonly Prepared[]
  /** The text of a secret, with the ports of the servers that run here. */
  secret(name: string): Promise<string>
  /** What is no secret of the environment. */
  readonly environment: Readonly<Record<string, string>>
  readonly signatories: Signatories
  /** Of the client `dms-1`. */
  token(): Promise<string>
  stop(): Promise<void>
}

export interface Prepared {
  readonly code: number
  readonly stderr: string
}

const CLIENT = 'dms-1'
/** Names by which the servers are known inside, all of them this machine. */
export const HOSTS = ['journal', 'valkey']
/** What `prepare.sh` cannot make. */
const BROUGHT = ['parts-database-url', 'finance-database-url', 'schedule-database-url']

const run = promisify(execFile)
const deploy = (name: string) => fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url))
const SITES = fileURLToPath(new URL('../../demo/directory/sites.yaml', import.meta.url))

export async function startDeployedSite(): Promise<DeployedSite> {
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-deployed-'))
  await chmod(directory, 0o755)
  const secrets = join(directory, 'secrets')
  const stops: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })]
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end()
  }
  try {
    const first = await prepare(directory)
    const audience = 'https://gateway.manufacturer.example/graphql'
    const signing = { audience: 'urn:recovery-gateway:production', incident: INCIDENT }
    const keys = join(directory, 'keys')
    await mkdir(keys)
    const signatories = await createSignatories(keys, signing)
    await copyFile(signatories.files.keys, join(directory, 'signatories.jwks.json'))
    await copyFile(signatories.files.signingKey, join(secrets, 'gateway.jwk.json'))
    await copyFile(SITES, join(directory, 'sites.yaml'))
    await writeFile(join(directory, 'systems-ca.pem'), (await createAuthority('systems')).cert)
    for (const name of BROUGHT) await writeFile(join(secrets, name), `${systemUrl(name)}\n`)
    const prepared = [first, await prepare(directory)]

    const journal = await startJournal(directory)
    stops.push(() => journal.stop())
    const store = await startStore(directory)
    stops.push(() => store.stop())
    const provider = await startOpenIdProvider({ audience, scopes: ALL_SCOPES, clients: [CLIENT] })
    stops.push(() => provider.close())
    const postgresPort = new URL(journal.connectionString).port
    return {
      directory,
      prepared,
      async secret(name) {
        const text = await readFile(join(secrets, name), 'utf8')
        return text
          .replace('@journal:5432', `@journal:${postgresPort}`)
          .replace('@valkey:6379', `@valkey:${store.port}`)
      },
      environment: {
        ISSUER: provider.issuer,
        AUDIENCE: audience,
        PUBLIC_URL: 'https://gateway.manufacturer.example',
        INCIDENT,
        SIGNATORIES_SHA256: signatories.files.sha256,
      },
      signatories,
      token: async () => (await provider.token(CLIENT)).token,
      stop,
    }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

async function prepare(directory: string): Promise<Prepared> {
  return run(deploy('docker/prepare.sh'), [directory]).then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }) => ({ code, stderr }),
  )
}

/** `parts-database-url` → a database of the same server, whose certificate is for the name `journal`. */
const systemUrl = (name: string) => `postgres://reader:of-the-reader@journal:5432/${name.replace('-database-url', '')}`

/** The journal's server as `compose.yaml` has it, with the three systems beside it in databases of their own. */
async function startJournal(directory: string): Promise<PostgresServer> {
  const binaries = postgresBinaries() ?? ''
  const [cert, key, ca] = await Promise.all(
    ['journal.pem', 'secrets/journal.key.pem', 'ca.pem'].map(name => readFile(join(directory, name), 'utf8')),
  )
  const [journalOnly = ''] = /^hostssl .*$/m.exec(await readFile(deploy('docker/pg_hba.conf'), 'utf8')) ?? []
  const access = [journalOnly, 'host journal journal_writer all reject', 'hostssl all reader all scram-sha-256']
  const server = await startPostgres(binaries, { tls: { cert: cert ?? '', key: key ?? '', ca: ca ?? '' }, access })
  const inDatabase = async (database: string, sql: string) => {
    const client = new pg.Client({ connectionString: server.connectionString.replace(/postgres$/, database) })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  try {
    await inDatabase('postgres', 'CREATE DATABASE journal STRATEGY file_copy')
    const { port, username } = new URL(server.connectionString)
    await run(deploy('docker/journal-role.sh'), [], {
      env: {
        PATH: `${binaries}:${process.env.PATH}`,
        PGHOST: '127.0.0.1',
        PGPORT: port,
        POSTGRES_USER: username,
        POSTGRES_DB: 'journal',
        JOURNAL_WRITER_PASSWORD_FILE: join(directory, 'secrets', 'journal-writer-password'),
      },
    })
    await inDatabase('journal', JOURNAL_DDL('recovery_journal', 'journal_writer'))
    await inDatabase(
      'postgres',
      "CREATE ROLE reader LOGIN PASSWORD 'of-the-reader'; ALTER ROLE reader SET default_transaction_read_only = on",
    )
    for (const [index, key] of SYSTEM_KEYS.entries()) {
      const [database, schema] = [BROUGHT[index]?.replace('-database-url', '') ?? '', schemaOf(key)]
      await inDatabase('postgres', `CREATE DATABASE ${database} STRATEGY file_copy`)
      await inDatabase('postgres', `REVOKE TEMPORARY ON DATABASE ${database} FROM PUBLIC`)
      await inDatabase(
        database,
        `${createTables(schema, RELATIONS[key])}
         INSERT INTO ${schema}.freshness VALUES (now());
         GRANT USAGE ON SCHEMA ${schema} TO reader;
         GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO reader`,
      )
    }
  } catch (thrown) {
    await server.stop()
    throw thrown
  }
  return server
}

/** Valkey's, with every setting of `compose.yaml` that is no place or port. */
async function startStore(directory: string): Promise<RedisServer> {
  const users = (await readFile(join(directory, 'secrets', 'valkey-users.acl'), 'utf8')).trim().split('\n')
  const lines = (await readFile(deploy('docker/valkey.conf'), 'utf8')).split('\n')
  const settings = lines.filter(line => /^(tls-auth|save|append|maxmemory)/.test(line))
  return startRedis(redisBinary() ?? '', {
    settings,
    users: users.map(line => line.replace(/^user /, '')),
    tls: {
      ca: join(directory, 'ca.pem'),
      cert: join(directory, 'valkey.pem'),
      key: join(directory, 'secrets', 'valkey.key.pem'),
    },
  })
}
