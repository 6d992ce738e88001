import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createPostgresConnector } from '../../src/connectors/postgres/connector.ts'
import { createPoolClient, type PoolOptions } from '../../src/connectors/postgres/pool-client.ts'
import type { SqlClient } from '../../src/connectors/postgres/sql-client.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import { createAuthority, type TestAuthority } from '../support/certificates.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'
import { type UseClient, withClientOf } from './postgres-client.ts'
import { tablesOf, writeSample } from './postgres-sample.ts'

const binaries = postgresBinaries()
const signal = new AbortController().signal
const PASSWORD = 'n0t-for-l0gs'

if (binaries === null)
  test.skip('a real PostgreSQL server is tested where there is one: apt-get install postgresql', () => {})
else {
  let authority: TestAuthority
  let server: PostgresServer
  let owner: pg.Client
  let withClient: UseClient
  beforeAll(async () => {
    authority = await createAuthority('authority of the site')
    server = await startPostgres(binaries, {
      tls: { ...(await authority.issue('db.example', 'server', 'db.example')), ca: authority.cert },
      access: [
        'host all reader 127.0.0.1/32 scram-sha-256',
        'hostssl all mutual 127.0.0.1/32 trust clientcert=verify-ca',
        'host all mutual 127.0.0.1/32 reject',
      ],
    })
    withClient = withClientOf(server)
    owner = new pg.Client(server.connectionString)
    await owner.connect()
    await owner.query(`CREATE ROLE reader LOGIN PASSWORD '${PASSWORD}'; CREATE ROLE mutual LOGIN`)
    await writeSample((sql, params) => owner.query(sql, params))
  })
  afterAll(async () => {
    await owner?.end()
    await server?.stop()
  })

  /** The server's URL, changed. */
  const url = (change: (url: URL) => void = () => {}) => {
    const changed = new URL(server.connectionString)
    change(changed)
    return changed.href
  }
  const as = (user: string, password = '') =>
    url(changed => {
      changed.username = user
      changed.password = password
    })

  const failure = (options: Partial<PoolOptions>, connectionString?: string): Promise<unknown> =>
    withClient(options, client => client.query('SELECT 1', [], signal).catch(thrown => thrown), connectionString)

  const isEncrypted = async (client: SqlClient) =>
    (await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()', [], signal)).rows[0]?.ssl

  describe('TLS', () => {
    test('a certificate of the right name and authority is taken, and the session is encrypted', async () => {
      const tls = { ca: authority.cert, servername: 'db.example' }
      expect(await withClient({ tls }, isEncrypted)).toBe(true)
      // The host of the URL is another name, which the driver would check by itself.
      const named = url(changed => {
        changed.hostname = 'localhost'
      })
      expect(await withClient({ tls }, isEncrypted, named)).toBe(true)
      expect(await withClient({}, isEncrypted)).toBe(false)
    })

    test('a certificate for another name is one clear error', async () => {
      for (const tls of [{ ca: authority.cert }, { ca: authority.cert, servername: 'db2.example' }])
        expect(String(await failure({ tls }))).toMatch(
          /^Error: no connection to PostgreSQL at 127\.0\.0\.1:\d+: its certificate is for another name: .*; tls\.serverName says which name is due$/,
        )
      const named = url(changed => {
        changed.hostname = 'localhost'
      })
      expect(String(await failure({ tls: { ca: authority.cert } }, named))).toContain('for another name')
    })

    test('a certificate of another authority is one clear error', async () => {
      const other = await createAuthority('authority of somebody else')
      for (const tls of [{ ca: other.cert, servername: 'db.example' }, { servername: 'db.example' }])
        expect(String(await failure({ tls }))).toMatch(
          /^Error: no connection to PostgreSQL at 127\.0\.0\.1:\d+: its certificate is not trusted: .*; tls\.ca says who may sign it$/,
        )
    })

    test('the gateway shows its own certificate to a server that asks for one', async () => {
      const shown = await authority.issue('gateway.example', 'client')
      const tls = { ca: authority.cert, servername: 'db.example' }
      expect(await withClient({ tls: { ...tls, ...shown } }, isEncrypted, as('mutual'))).toBe(true)
      const stranger = await (await createAuthority('authority of somebody else')).issue('gateway.example', 'client')
      for (const refused of [tls, { ...tls, ...stranger }]) {
        const thrown = await failure({ tls: refused }, as('mutual'))
        expect(thrown).toBeInstanceOf(Error)
        expect(JSON.stringify([String(thrown), thrown])).not.toContain('PRIVATE KEY')
      }
    })

    test.each(['sslmode=require', 'sslmode=no-verify', 'ssl=true', 'sslrootcert=/etc/ca.pem', 'uselibpqcompat=true'])(
      'a connection string with %s is refused, because it would decide in place of the configuration',
      parameter => {
        const connectionString = `${as('reader', PASSWORD)}?${parameter}`
        for (const tls of [{ tls: {} }, {}]) {
          const open = () => createPoolClient({ connectionString, ...tls })
          expect(open).toThrow(`the connection string has the parameter ${parameter.replace(/=.*/, '')}: take it out`)
          expect(open).not.toThrow(PASSWORD)
        }
      },
    )

    test('a connection string may say that there is no TLS where there is none', async () => {
      const disabled = `${server.connectionString}?sslmode=disable`
      expect(await withClient({}, isEncrypted, disabled)).toBe(false)
      expect(() => createPoolClient({ connectionString: disabled, tls: {} })).toThrow('sslmode')
    })
  })

  describe('what the role could do in a session that is not read-only is no proof', () => {
    const PROBLEM = 'a write is refused in this session, but the role'
    const proof = (connectionString?: string) =>
      withClient(
        {},
        client =>
          createPostgresConnector({ client, mapping: tablesOf('sample'), clock: { now: () => 0 } }).proveReadOnly(
            signal,
          ),
        connectionString,
      )

    beforeAll(() =>
      owner.query(`
        CREATE SCHEMA rights; CREATE TABLE rights.stock (a int, b int); CREATE TABLE rights.other (a int);
        CREATE ROLE keeper NOINHERIT; GRANT TRUNCATE ON rights.other TO keeper;
        CREATE ROLE chief SUPERUSER;
        CREATE ROLE sound LOGIN; GRANT USAGE ON SCHEMA rights TO sound; GRANT SELECT ON rights.stock TO sound`),
    )

    test('SELECT alone is', async () => {
      expect(await proof(as('sound'))).toBe('a write was refused (SQLSTATE 25006)')
    })

    test('not that of a superuser', async () => {
      await expect(proof()).rejects.toThrow(`${PROBLEM} gateway is a superuser: `)
    })

    test.each([
      ['a table it may write', 'GRANT UPDATE ON rights.stock TO one', 'may write rights.stock'],
      ['one column it may write', 'GRANT UPDATE (b) ON rights.stock TO one', 'may write rights.stock'],
      ['a table it owns', 'CREATE TABLE rights.own (); ALTER TABLE rights.own OWNER TO one', 'may write rights.own'],
      ['another role that it may become', 'GRANT keeper TO one', 'may write rights.other'],
      ['a superuser that it may become', 'GRANT chief TO one', 'may become the superuser chief'],
      ['programs on the server', 'GRANT pg_execute_server_program TO one', 'is a member of pg_execute_server_program'],
      ['files on the server', 'GRANT pg_write_server_files TO one', 'is a member of pg_write_server_files'],
      ['row security', 'ALTER ROLE one BYPASSRLS', 'may bypass row security'],
      ['roles', 'ALTER ROLE one CREATEROLE', 'may create roles'],
    ])('not with %s', async (_, grant, right) => {
      await owner.query(`CREATE ROLE one LOGIN; ${grant}`)
      try {
        await expect(proof(as('one'))).rejects.toThrow(`${PROBLEM} one ${right}`)
      } finally {
        await owner.query('DROP OWNED BY one; DROP ROLE one')
      }
    })
  })

  describe('a server that lets nobody in', () => {
    const shown = (thrown: unknown) =>
      thrown instanceof Error ? `${thrown.stack} ${JSON.stringify(thrown)} ${thrown.cause}` : 'no error'

    test('a wrong password is one clear error without it', async () => {
      const wrong = 'wr0ng-for-l0gs'
      const thrown = await failure({}, as('reader', wrong))
      expect(String(thrown)).toMatch(
        /at 127\.0\.0\.1:\d+: password authentication failed for user "reader" \(SQLSTATE 28P01\)$/,
      )
      expect(shown(thrown)).not.toContain(wrong)
      expect(await failure({}, as('reader', PASSWORD))).toMatchObject({ rows: [{ '?column?': 1 }] })
    })

    test('a database that is not there is one clear error', async () => {
      const nowhere = url(changed => {
        changed.pathname = '/nowhere'
      })
      expect(String(await failure({}, nowhere))).toContain('database "nowhere" does not exist (SQLSTATE 3D000)')
    })

    test('a port where nobody listens is one clear error without the password', async () => {
      const nobody = `postgres://reader:${PASSWORD}@127.0.0.1:1/postgres`
      const thrown = await failure({}, nobody)
      expect(String(thrown)).toBe('Error: no connection to PostgreSQL at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1')
      expect(shown(thrown)).not.toContain(PASSWORD)
    })

    test('tables that the role may not read are told, each with what is needed', async () => {
      await withClient(
        {},
        async client => {
          const connector = createPostgresConnector({ client, mapping: tablesOf('sample'), clock: { now: () => 0 } })
          const problemsOf = async () => (await connector.inspect([part], signal))[0]?.problems
          expect(await problemsOf()).toEqual(['cannot be read: permission denied for schema sample (SQLSTATE 42501)'])
          await owner.query('GRANT USAGE ON SCHEMA sample TO reader')
          expect(await problemsOf()).toEqual(['cannot be read: permission denied for table part (SQLSTATE 42501)'])
          await owner.query('GRANT SELECT ON ALL TABLES IN SCHEMA sample TO reader')
          expect(await problemsOf()).toEqual([])
          expect(await connector.proveReadOnly(signal)).toBe('a write was refused (SQLSTATE 25006)')
        },
        as('reader', PASSWORD),
      )
    })
  })
}
