import { describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createPostgresConnector } from '../../src/connectors/postgres/connector.ts'
import { createPoolClient } from '../../src/connectors/postgres/pool-client.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'
import { describeConnector } from './contract.ts'
import { describePostgres } from './postgres-contract.ts'
import { ADVANCE_SQL, SCHEMA, type Write, writeSample } from './postgres-sample.ts'

const binaries = postgresBinaries()
const signal = new AbortController().signal

if (binaries === null)
  test.skip('a real PostgreSQL server is tested where there is one: apt-get install postgresql', () => {})
else {
  const open = async () => {
    const server = await startPostgres(binaries)
    const writer = new pg.Pool({ connectionString: server.connectionString, max: 2 })
    // A pool has ended before its connections have: the server's shutdown may still reach one of them.
    writer.on('error', () => {})
    const write: Write = (sql, params) => writer.query(sql, params)
    await writeSample(write, { ownCollation: true })
    const client = createPoolClient({ connectionString: server.connectionString, max: 4, connectionTimeoutMs: 5_000 })
    const dispose = async () => {
      await client.close()
      await writer.end()
      await server.stop()
    }
    return { server, client, write, dispose }
  }

  describeConnector('the PostgreSQL connector over a server whose text sorts by language', async clock => {
    const { client, write, dispose } = await open()
    const advance = async (asOf: string) => void (await write(ADVANCE_SQL, [asOf]))
    return { connector: createPostgresConnector({ client, schema: SCHEMA, clock }), advance, dispose }
  })

  describePostgres('a server', async () => {
    const source = await open()
    // One pooled session, as after a reset by a pooler that forgets what its client had set.
    const makeWritable = async () => {
      for (let session = 0; session < 4; session += 1)
        await source.client.query('SET default_transaction_read_only = off', [], signal)
    }
    return { ...source, makeWritable }
  })

  describe('the pool of connections to a server', () => {
    const withServer = async (run: (server: PostgresServer) => Promise<void>) => {
      const server = await startPostgres(binaries)
      try {
        await run(server)
      } finally {
        await server.stop()
      }
    }

    test('what a connection string asks for cannot make its sessions writable', () =>
      withServer(async ({ connectionString }) => {
        const options = encodeURIComponent(
          '-c default_transaction_read_only=off -c TimeZone=Asia/Tokyo -c search_path=public',
        )
        const client = createPoolClient({
          connectionString: `${connectionString}?options=${options}`,
          connectionTimeoutMs: 5_000,
        })
        await expect(client.query('CREATE TABLE x ()', [], signal)).rejects.toMatchObject({ sqlState: '25006' })
        const { rows } = await client.query(
          `SELECT current_setting('search_path') AS path, '2025-10-08 05:30+00'::timestamptz AS at`,
          [],
          signal,
        )
        expect(rows).toEqual([{ path: 'pg_catalog', at: '2025-10-08T05:30:00.000Z' }])
        await client.close()
      }))

    test('an aborted statement gives its connection up, and the next caller gets another', () =>
      withServer(async ({ connectionString }) => {
        const client = createPoolClient({ connectionString, max: 1, connectionTimeoutMs: 5_000 })
        const watcher = createPoolClient({ connectionString, connectionTimeoutMs: 5_000 })
        const asleep = () =>
          watcher.query("SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'", [], signal)
        const caller = new AbortController()
        const sleeping = client.query('SELECT pg_sleep(60)', [], caller.signal)
        const waiting = client.query('SELECT pg_backend_pid() AS pid', [], signal)
        let sleeper = await asleep()
        while (sleeper.rows.length === 0) sleeper = await asleep()
        caller.abort(new Error('the caller has gone'))
        await expect(sleeping).rejects.toThrow('the caller has gone')
        expect((await waiting).rows[0]?.pid).not.toBe(sleeper.rows[0]?.pid)
        await Promise.all([client.close(), watcher.close()])
      }))

    test('a caller that leaves before its turn costs no connection', () =>
      withServer(async ({ connectionString }) => {
        const client = createPoolClient({ connectionString, max: 1, connectionTimeoutMs: 5_000 })
        const before = await client.query('SELECT pg_backend_pid() AS pid', [], signal)
        const caller = new AbortController()
        const left = client.query('SELECT 1', [], caller.signal)
        caller.abort(new Error('the caller has gone'))
        await expect(left).rejects.toThrow('the caller has gone')
        expect(await client.query('SELECT pg_backend_pid() AS pid', [], signal)).toMatchObject({ rows: before.rows })
        await client.close()
      }))

    test('a statement that takes too long is ended by the server itself', () =>
      withServer(async ({ connectionString }) => {
        const client = createPoolClient({ connectionString, statementTimeoutMs: 200, connectionTimeoutMs: 5_000 })
        await expect(client.query('SELECT pg_sleep(60)', [], signal)).rejects.toMatchObject({ sqlState: '57014' })
        await client.close()
      }))

    test('a server that restarts costs the statements in flight and nothing after', () =>
      withServer(async ({ connectionString }) => {
        const client = createPoolClient({ connectionString, max: 1, connectionTimeoutMs: 5_000 })
        await expect(client.query('SELECT pg_terminate_backend(pg_backend_pid())', [], signal)).rejects.toThrow()
        expect((await client.query('SELECT 1 AS one', [], signal)).rows).toEqual([{ one: 1 }])
        await client.close()
      }))
  })
}
