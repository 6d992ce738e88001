import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import pg from 'pg'
import { JOURNAL_DDL } from '../../src/recovery/journal/schema.ts'
import { readText } from '../docs/project.ts'
import { createAuthority } from '../support/certificates.ts'
import { describeWith } from '../support/needs.ts'
import { type PostgresOptions, type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'
import { readCompose } from './compose-file.ts'

/** What compose.yaml makes of PostgreSQL, on a server of this machine: when it is healthy, and who may come to it. */
describeWith(['postgres'], 'the journal of deploy/docker/compose.yaml', () => {
  const binaries = postgresBinaries() ?? ''
  let directory: string
  let server: PostgresServer | undefined
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-journal-start-'))
    // Sockets and logs are written by the account of the server.
    await chmod(directory, 0o777)
  })
  afterEach(async () => {
    await server?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  async function start(options: PostgresOptions): Promise<PostgresServer> {
    server = await startPostgres(binaries, options)
    return server
  }

  /** With TLS and the lines for the network of `pg_hba.conf`; what they do not let in is refused. */
  async function startServing(settings: readonly string[] = []): Promise<PostgresServer> {
    const { cert, key } = await createAuthority('journal')
    const lines = /^hostssl .*$/gm.exec(await readText('deploy/docker/pg_hba.conf')) ?? []
    const access = ['host all gateway all trust', ...lines, 'host all all all reject']
    return start({ tls: { cert, key, ca: cert }, access, settings })
  }

  async function inDatabase({ connectionString }: PostgresServer, sql: string): Promise<void> {
    const client = new pg.Client({ connectionString })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }

  /** Throws where it is not let in. */
  async function logIn({ connectionString }: PostgresServer, user: string, password: string): Promise<void> {
    const port = Number(new URL(connectionString).port)
    const ssl = { rejectUnauthorized: false }
    const client = new pg.Client({ host: '127.0.0.1', port, database: 'journal', user, password, ssl })
    await client.connect()
    await client.end()
  }

  /** Exit code of compose's health check, where psql would look for the server. */
  async function health(environment: Readonly<Record<string, string>>): Promise<number> {
    const [kind, command = '', ...args] = (await readCompose()).services.journal?.healthcheck?.test ?? []
    expect(kind).toBe('CMD')
    const env = { ...process.env, ...environment }
    return promisify(execFile)(join(binaries, command), args, { env }).then(
      () => 0,
      ({ code }) => code,
    )
  }

  async function makeRole({ connectionString }: PostgresServer, password: string): Promise<void> {
    const file = join(directory, 'password')
    await writeFile(file, `${password}\n`)
    const { port, username } = new URL(connectionString)
    const script = fileURLToPath(new URL('../../deploy/docker/journal-role.sh', import.meta.url))
    await promisify(execFile)(script, [], {
      env: {
        PATH: `${binaries}:${process.env.PATH}`,
        ...{ PGHOST: '127.0.0.1', PGPORT: port, POSTGRES_USER: username, POSTGRES_DB: 'postgres' },
        JOURNAL_WRITER_PASSWORD_FILE: file,
      },
    })
  }

  test('is not healthy while its image only makes the database, without a port', async () => {
    const { connectionString } = await start({ socketIn: directory })
    const port = new URL(connectionString).searchParams.get('port') ?? ''
    expect(await health({ PGHOST: directory, PGPORT: port })).not.toBe(0)
  })

  test('is healthy when it takes connections, and does not write down a refusal each time it is asked', async () => {
    const journal = await startServing([
      'logging_collector=on',
      `log_directory=${directory}`,
      'log_filename=server.log',
      'log_file_mode=0644',
    ])
    await makeRole(journal, 'first')
    expect(await health({ PGPORT: new URL(journal.connectionString).port })).toBe(0)
    await server?.stop()
    const log = await readFile(join(directory, 'server.log'), 'utf8')
    expect(log).toContain('ready to accept connections')
    expect(log).not.toMatch(/FATAL:.*(rejects|no pg_hba)/)
  })

  test('has a role that can log in, where the SQL of the gateway was there before it too', async () => {
    const journal = await startServing()
    await inDatabase(journal, 'CREATE DATABASE journal STRATEGY file_copy')
    await inDatabase(journal, JOURNAL_DDL('recovery_journal', 'journal_writer'))
    await makeRole(journal, 'first')
    await logIn(journal, 'journal_writer', 'first')
  })

  test('takes another password of the role, or a second role beside it, and nobody else', async () => {
    const journal = await startServing()
    await inDatabase(journal, 'CREATE DATABASE journal STRATEGY file_copy')
    await makeRole(journal, 'first')
    await makeRole(journal, 'second')
    await logIn(journal, 'journal_writer', 'second')
    await expect(logIn(journal, 'journal_writer', 'first')).rejects.toThrow('password authentication failed')
    await inDatabase(journal, "CREATE ROLE another LOGIN PASSWORD 'third'")
    await expect(logIn(journal, 'another', 'third')).rejects.toThrow('rejects connection')
    await inDatabase(journal, 'GRANT journal_writer TO another')
    await logIn(journal, 'another', 'third')
  })
})
