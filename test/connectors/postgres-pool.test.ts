import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { createPoolClient } from '../../src/connectors/postgres/pool-client.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'
import { type UseClient, withClientOf } from './postgres-client.ts'

const binaries = postgresBinaries()
const signal = new AbortController().signal

if (binaries === null)
  test.skip('a real PostgreSQL server is tested where there is one: apt-get install postgresql', () => {})
else {
  let server: PostgresServer
  let owner: pg.Client
  let withClient: UseClient
  beforeAll(async () => {
    server = await startPostgres(binaries)
    withClient = withClientOf(server)
    owner = new pg.Client(server.connectionString)
    await owner.connect()
  })
  afterAll(async () => {
    await owner?.end()
    await server?.stop()
  })

  /** The backend at work on a statement, once it is. */
  async function backendOf(query: string): Promise<number | null> {
    const { rows } = await owner.query("SELECT pid FROM pg_stat_activity WHERE query = $1 AND state = 'active'", [
      query,
    ])
    return rows[0]?.pid ?? null
  }
  async function until<T>(look: () => Promise<T | null>): Promise<T> {
    for (;;) {
      const seen = await look()
      if (seen !== null) return seen
    }
  }

  test('what a connection string asks for cannot make them writable', () => {
    const options = '-c default_transaction_read_only=off -c TimeZone=Asia/Tokyo -c search_path=public'
    return withClient(
      {},
      async client => {
        await expect(client.query('CREATE TABLE x ()', [], signal)).rejects.toMatchObject({ sqlState: '25006' })
        const { rows } = await client.query(
          `SELECT current_setting('search_path') AS path, '2025-10-08 05:30+00'::timestamptz AS at`,
          [],
          signal,
        )
        expect(rows).toEqual([{ path: 'pg_catalog', at: '2025-10-08T05:30:00.000Z' }])
      },
      `${server.connectionString}?options=${encodeURIComponent(options)}`,
    )
  })

  test.each([
    ['default_transaction_read_only', 'off', 'on'],
    ['TimeZone', 'Asia/Tokyo', 'UTC'],
    ['DateStyle', 'SQL, DMY', 'ISO, YMD'],
  ])('a statement that changes %s changes it for no other: its session ends with it', (setting, value, told) =>
    withClient({ max: 1 }, async client => {
      const own = 'pg_backend_pid() AS pid, current_setting($1) AS value'
      const [before] = (await client.query(`SELECT ${own}`, [setting], signal)).rows
      await client.query('SELECT set_config($1, $2, false)', [setting, value], signal)
      const [after] = (await client.query(`SELECT ${own}`, [setting], signal)).rows
      expect([before?.value, after?.value]).toEqual([told, told])
      expect(after?.pid).not.toBe(before?.pid)
    }),
  )

  test('sessions that keep what they were told are used again', () =>
    withClient({ max: 1 }, async client => {
      const pid = async () => (await client.query('SELECT pg_backend_pid() AS pid', [], signal)).rows[0]?.pid
      expect(await pid()).toBe(await pid())
    }))

  test('a statement takes no second one behind a semicolon', () =>
    withClient({}, async client => {
      const two = client.query('SELECT 1; SET default_transaction_read_only = off', [], signal)
      await expect(two).rejects.toMatchObject({ sqlState: '42601' })
    }))

  test('an aborted statement ends on the server too, and its connection with it; the next caller gets another', () =>
    withClient({ max: 1, statementTimeoutMs: 60_000, connectionTimeoutMs: 20_000 }, async client => {
      const statement = 'SELECT pg_sleep(30)'
      const caller = new AbortController()
      const sleeping = client.query(statement, [], caller.signal)
      const waiting = client.query('SELECT pg_backend_pid() AS pid', [], signal)
      const pid = await until(() => backendOf(statement))
      const abortedAt = performance.now()
      caller.abort(new Error('the caller has gone'))
      await expect(sleeping).rejects.toThrow('the caller has gone')
      expect((await waiting).rows[0]?.pid).not.toBe(pid)
      await until(async () => ((await backendOf(statement)) === null ? true : null))
      expect(performance.now() - abortedAt).toBeLessThan(10_000)
    }))

  test('a caller that leaves before its turn costs no connection', () =>
    withClient({ max: 1 }, async client => {
      const before = await client.query('SELECT pg_backend_pid() AS pid', [], signal)
      const caller = new AbortController()
      const left = client.query('SELECT 1', [], caller.signal)
      caller.abort(new Error('the caller has gone'))
      await expect(left).rejects.toThrow('the caller has gone')
      const after = await client.query('SELECT pg_backend_pid() AS pid', [], signal)
      expect(after).toMatchObject({ rows: before.rows })
    }))

  test('a statement that takes too long is ended by the server itself', () =>
    withClient({ statementTimeoutMs: 200 }, async client => {
      await expect(client.query('SELECT pg_sleep(60)', [], signal)).rejects.toMatchObject({ sqlState: '57014' })
    }))

  test('a server that restarts costs the statements in flight and nothing after', () =>
    withClient({ max: 1 }, async client => {
      await expect(client.query('SELECT pg_terminate_backend(pg_backend_pid())', [], signal)).rejects.toThrow()
      expect((await client.query('SELECT 1 AS one', [], signal)).rows).toEqual([{ one: 1 }])
    }))

  test('a server that hangs is given up, and holds neither the closing nor the process', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter(kind => kind === 'TCPSocketWrap').length
    const before = sockets()
    const client = createPoolClient({
      connectionString: server.connectionString,
      statementTimeoutMs: 100,
      connectionTimeoutMs: 5_000,
    })
    const both = await Promise.all(
      [1, 2].map(() => client.query('SELECT pg_backend_pid() AS pid FROM pg_sleep(0.05)', [], signal)),
    )
    const pids = both.map(({ rows }) => Number(rows[0]?.pid))
    expect(new Set(pids).size).toBe(2)
    try {
      for (const pid of pids) process.kill(pid, 'SIGSTOP')
      await expect(client.query('SELECT 1', [], signal)).rejects.toThrow('timeout')
      await client.close()
      await until(async () => {
        await new Promise(setImmediate)
        return sockets() <= before ? true : null
      })
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT')
    }
  })
}
