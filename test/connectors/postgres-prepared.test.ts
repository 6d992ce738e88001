import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createPoolClient } from '../../src/connectors/postgres/pool-client.ts'
import { createPrepared } from '../../src/connectors/postgres/prepared.ts'
import type { SqlClient } from '../../src/connectors/postgres/sql-client.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'

describe('a name for a statement', () => {
  test('is given when it comes again, and is the same from then on', () => {
    const { nameOf } = createPrepared()
    expect(nameOf('SELECT $1')).toBeUndefined()
    const name = nameOf('SELECT $1')
    expect(name).toBeDefined()
    expect(nameOf('SELECT $1')).toBe(name)
  })

  test('is never that of another', () => {
    const { nameOf } = createPrepared()
    const texts = Array.from({ length: 50 }, (_, index) => `SELECT ${index}`)
    for (const text of texts) nameOf(text)
    expect(new Set(texts.map(nameOf)).size).toBe(texts.length)
  })

  test('is given to a hundred, however many come', () => {
    const { nameOf } = createPrepared()
    const names = Array.from({ length: 5_000 }, (_, index) => [nameOf(`SELECT ${index}`), nameOf(`SELECT ${index}`)])
    expect(new Set(names.flat().filter(name => name !== undefined)).size).toBe(100)
  })
})

const binaries = postgresBinaries()
const withServer = binaries === null ? describe.skip : describe

withServer('a session of a pool', () => {
  const never = new AbortController().signal
  let server: PostgresServer
  let admin: pg.Client
  let client: SqlClient
  beforeAll(async () => {
    server = await startPostgres(binaries ?? '')
    admin = new pg.Client(server.connectionString)
    admin.on('error', () => {})
    await admin.connect()
    client = createPoolClient({ connectionString: server.connectionString, max: 1, connectionTimeoutMs: 5_000 })
  })
  afterAll(async () => {
    await Promise.all([client?.close(), admin?.end()])
    await server?.stop()
  })

  test('holds what is asked again prepared, once, with other values each time', async () => {
    const text = 'SELECT $1::integer AS value'
    for (const value of [1, 2, 3, 4]) expect((await client.query(text, [value], never, true)).rows).toEqual([{ value }])
    const { rows } = await client.query(
      'SELECT count(*)::integer AS count FROM pg_prepared_statements WHERE statement = $1',
      [text],
      never,
    )
    expect(rows).toEqual([{ count: 1 }])
  })

  test('holds nothing of what is not said to recur: partners make as many texts of pages as there are filters', async () => {
    const text = 'SELECT $1::integer AS once'
    for (const value of [1, 2, 3]) await client.query(text, [value], never)
    const { rows } = await client.query(
      'SELECT statement FROM pg_prepared_statements WHERE statement = $1',
      [text],
      never,
    )
    expect(rows).toEqual([])
  })

  test('answers as before when a column that it has prepared becomes another type', async () => {
    await admin.query('CREATE TABLE public.moved (id integer, value integer); INSERT INTO public.moved VALUES (1, 7)')
    const read = async () => (await client.query('SELECT value FROM public.moved WHERE id = $1', [1], never, true)).rows
    for (let time = 0; time < 3; time++) expect(await read()).toEqual([{ value: 7 }])
    await admin.query('ALTER TABLE public.moved ALTER COLUMN value TYPE text')
    expect(await read()).toEqual([{ value: '7' }])
    expect(await read()).toEqual([{ value: '7' }])
  })
})
