import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createPostgresJournalStore } from '../../../src/recovery/journal/postgres-store.ts'
import { JOURNAL_DDL } from '../../../src/recovery/journal/schema.ts'
import type { JournalStore } from '../../../src/recovery/journal/store.ts'
import { type LogLine, quietLog } from '../../connectors/quiet-log.ts'
import { postgresBinaries } from '../../support/postgres.ts'
import { type JournalServer, startJournalServer } from './journal-server.ts'
import { createSampleKeys, sampleRows } from './sample.ts'
import { describeStore, ROLE, SCHEMA } from './store-contract.ts'

const binaries = postgresBinaries()

const storeAt = (connectionString: string, lines: LogLine[] = []): JournalStore =>
  createPostgresJournalStore({ connectionString, schema: SCHEMA, connectTimeoutMs: 500, log: quietLog(lines) })

if (binaries === null)
  test.skip('the store on a real PostgreSQL server is tested where there is one: apt-get install postgresql', () => {})
else {
  describeStore('on a PostgreSQL server', async () => {
    const server = await startJournalServer(binaries, SCHEMA, ROLE)
    await server.superuser.query(JOURNAL_DDL(SCHEMA, ROLE))
    const role = new pg.Pool({ connectionString: server.connectionString, max: 1 })
    role.on('error', () => {})
    return {
      open: () => createPostgresJournalStore({ ...server, schema: SCHEMA, connectTimeoutMs: 5_000, log: quietLog() }),
      asRole: sql => role.query(sql),
      asOwner: sql => server.superuser.query(sql),
      async dispose() {
        await role.end()
        await server.stop()
      },
    }
  })

  describe("the journal's store on a server", () => {
    const withServer = async (run: (server: JournalServer) => Promise<void>) => {
      const server = await startJournalServer(binaries, SCHEMA, ROLE)
      try {
        await run(server)
      } finally {
        await server.stop()
      }
    }

    test('outlives its connections: it reads on, listens again, and says that it may have missed something', () =>
      withServer(async ({ connectionString, superuser }) => {
        const lines: LogLine[] = []
        const store = storeAt(connectionString, lines)
        const [row, next] = await sampleRows(2, await createSampleKeys())
        if (!row || !next) throw new Error('two rows')
        let woken = Promise.withResolvers<void>()
        await store.subscribe(() => woken.resolve())
        woken = Promise.withResolvers()
        await store.append(row)
        await woken.promise

        woken = Promise.withResolvers()
        await superuser.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [ROLE])
        await woken.promise
        expect(await eventually(() => store.read(0, 10))).toEqual([row])
        expect(lines.map(({ message }) => message)).toEqual([
          'the journal is not listened to; trying again',
          'the journal is listened to again',
        ])

        woken = Promise.withResolvers()
        expect(await store.append(next)).toBe('appended')
        await woken.promise
        await store.close()
      }))

    test('follows and appends however many readers wait: exports have connections of their own', () =>
      withServer(async ({ connectionString, superuser }) => {
        const store = createPostgresJournalStore({
          connectionString,
          schema: SCHEMA,
          connectTimeoutMs: 5_000,
          statementTimeoutMs: 60_000,
          log: quietLog(),
        })
        const [row] = await sampleRows(1, await createSampleKeys())
        if (!row) throw new Error('a row')
        await store.append(row)
        await superuser.query(`
          ALTER TABLE "${SCHEMA}".entry RENAME TO kept;
          CREATE VIEW "${SCHEMA}".entry AS SELECT kept.* FROM "${SCHEMA}".kept
            WHERE (SELECT pg_advisory_lock_shared(1)) IS NOT NULL;
          GRANT SELECT ON "${SCHEMA}".entry TO "${ROLE}"`)
        await superuser.query('SELECT pg_advisory_lock(1)')
        const readers = Array.from({ length: 8 }, () => store.browse(0, 1))
        await store.clockOffsetMs({ now: Date.now })
        await superuser.query('SELECT pg_advisory_unlock(1)')
        expect(await Promise.all(readers)).toEqual(Array(8).fill([row]))
        await store.close()
      }))

    test('is not proven as a superuser, as the owner of the table, or without the table', () =>
      withServer(async ({ ownerConnectionString, connectionString, superuser }) => {
        const owner = storeAt(ownerConnectionString)
        await expect(owner.prove()).rejects.toThrow('owns the journal or is a superuser')
        await owner.close()
        const store = storeAt(connectionString)
        await store.prove()
        await superuser.query(`ALTER TABLE "${SCHEMA}".entry OWNER TO "${ROLE}"`)
        await expect(store.prove()).rejects.toThrow('owns the journal or is a superuser')
        await superuser.query(`DROP TABLE "${SCHEMA}".entry`)
        await expect(store.prove()).rejects.toThrow('there is no table "journal".entry: have the owner')
        await store.close()
      }))
  })
}

/** The first read after a loss may still meet a connection whose end has not arrived. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  return attempt().catch(attempt).catch(attempt).catch(attempt).catch(attempt)
}

describe("the journal's store without its server", () => {
  test.each(['refuses connections', 'accepts and says nothing'])(
    'fails within its time limits where a server %s, and ends when told to',
    async what => {
      const silent = createServer(socket => void socket.on('error', () => {})).listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const address = silent.address()
      if (address === null || typeof address === 'string') throw new Error('no port')
      if (what === 'refuses connections') silent.close()
      const store = storeAt(`postgres://gateway@127.0.0.1:${address.port}/postgres`)
      const started = performance.now()
      const stop = await store.subscribe(() => {})
      await expect(store.read(0, 1)).rejects.toThrow()
      await expect(store.prove()).rejects.toThrow()
      await stop()
      await store.close()
      silent.close()
      expect(performance.now() - started).toBeLessThan(5_000)
    },
  )

  test.each(['', 'Journal', 'a-b', 'a"b', '1a', 'a'.repeat(49)])('refuses the schema %j', schema => {
    const options = { connectionString: 'postgres://127.0.0.1:1/', schema, log: quietLog() }
    expect(() => createPostgresJournalStore(options)).toThrow('must be lower case letters')
    expect(() => JOURNAL_DDL(schema, ROLE)).toThrow(TypeError)
    expect(() => JOURNAL_DDL(SCHEMA, schema)).toThrow(TypeError)
  })
})
