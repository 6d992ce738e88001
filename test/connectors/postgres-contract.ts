import { beforeAll, describe, expect, test } from '@jest/globals'
import { createPostgresConnector } from '../../src/connectors/postgres/connector.ts'
import type { SqlClient } from '../../src/connectors/postgres/sql-client.ts'
import type { RowFilter } from '../../src/systems/connector.ts'
import { part, partStock, partsOrderLine } from '../../src/systems/relations/parts-logistics.ts'
import { advanceSql, SCHEMA, tablesOf, type Write } from './postgres-sample.ts'
import { AS_OF, SAMPLE_RELATIONS } from './sample.ts'

/** What the PostgreSQL connector guarantees beyond the contract of all connectors; both drivers run it. */
export interface PostgresSource {
  readonly client: SqlClient
  /** A session that may write. */
  readonly write: Write
  /** A client whose sessions may write, as behind a pooler that forgets what its client has set. */
  writable(): Promise<SqlClient>
}

const signal = new AbortController().signal
const ALL: RowFilter = { kind: 'all' }

export function describePostgres(name: string, setup: () => Promise<PostgresSource>): void {
  describe(`PostgreSQL over ${name}`, () => {
    let source: PostgresSource
    let now = 0
    const clock = { now: () => now }
    const over = (client: SqlClient) => createPostgresConnector({ client, mapping: tablesOf(SCHEMA), clock })

    beforeAll(async () => {
      source = await setup()
    }, 60_000)

    /** The client with something happening before each statement. */
    const watched = (before: (text: string) => unknown): SqlClient => ({
      isEmbedded: source.client.isEmbedded,
      close: async () => {},
      async query(text, params, given) {
        await before(text)
        return source.client.query(text, params, given)
      },
    })

    test('a write is refused as read-only', async () => {
      for (const sql of [
        `UPDATE ${SCHEMA}.part SET active = true`,
        `DROP TABLE ${SCHEMA}.part`,
        'CREATE TEMP TABLE x ()',
      ])
        await expect(source.client.query(sql, [], signal)).rejects.toMatchObject({ sqlState: '25006' })
    })

    test('a refused statement is reported without its values', async () => {
      const refused = await source.client
        .query('SELECT * FROM no_such_table WHERE a = $1::text', ['secret'], signal)
        .catch(thrown => thrown)
      expect(Object.keys(refused).toSorted()).toEqual(['name', 'sqlState'])
      expect(String(refused.stack)).not.toContain('secret')
    })

    test('500 keys are one statement, after one for the time, which a second lookup does not need', async () => {
      const texts: string[] = []
      const connector = over(watched(text => texts.push(text)))
      const keys = Array.from({ length: 500 }, (_, n) => [`LR10${900 + n}`])
      await connector.lookup(part, { columns: ['partNumber'], keys, visible: ALL }, signal)
      expect(texts.map(text => text.includes('freshness'))).toEqual([true, false])
      await connector.lookup(part, { columns: ['partNumber'], keys, visible: ALL }, signal)
      expect(texts).toHaveLength(3)
      await connector.lookup(part, { columns: ['partNumber'], keys: [['\0']], visible: ALL }, signal)
      expect(texts).toHaveLength(3)
    })

    test('the time is read before the rows, so that a change between the two makes it too early, never too late', async () => {
      let minute = 30
      const connector = over(
        watched(async () => {
          minute += 1
          await source.write(advanceSql(SCHEMA), [`2025-10-08T05:${minute}:00Z`])
        }),
      )
      now += 10_000
      const { rows, asOf } = await connector.page(
        partStock,
        { visible: ALL, where: [], after: null, first: 100 },
        signal,
      )
      expect(asOf).toBe('2025-10-08T05:31:00.000Z')
      expect(rows[0]?.lastUpdatedOn).toBe('2025-10-08T05:32:00.000Z')
    })

    test('a schema without a time, or with two, is not read', async () => {
      await source.write(`INSERT INTO ${SCHEMA}.freshness VALUES (now())`)
      await expect(over(source.client).freshness(signal)).rejects.toThrow('must have one row')
      await source.write(`DELETE FROM ${SCHEMA}.freshness`)
      await expect(over(source.client).freshness(signal)).rejects.toThrow('must have one row')
      await source.write(`INSERT INTO ${SCHEMA}.freshness VALUES ('infinity')`)
      await expect(over(source.client).freshness(signal)).rejects.toThrow('must be an instant')
      await source.write(`UPDATE ${SCHEMA}.freshness SET as_of = $1::timestamptz`, [AS_OF])
      await expect(over(source.client).freshness(signal)).resolves.toBe(AS_OF)
    })

    test('a list ordered by times finer than its cursors is not paged, rather than paged with gaps', async () => {
      await source.write(`ALTER TABLE ${SCHEMA}.parts_order_line ALTER ordered_at TYPE timestamptz(6)`)
      const fine = `UPDATE ${SCHEMA}.parts_order_line SET ordered_at = ordered_at + interval '0.000456 s' WHERE position_id = 7`
      await source.write(fine)
      const page = over(source.client).page(
        partsOrderLine,
        { visible: ALL, where: [], after: null, first: 100 },
        signal,
      )
      await expect(page).rejects.toThrow('finer than milliseconds')
    })

    test('a session that could write fails the probe, and the attempt leaves nothing behind', async () => {
      const writable = await source.writable()
      await expect(over(writable).probe(SAMPLE_RELATIONS, signal)).rejects.toThrow('accepted a write')
      const left = await source.client.query(
        "SELECT 1 FROM pg_class WHERE relname = 'recovery_gateway_write_probe'",
        [],
        signal,
      )
      expect(left.rows).toEqual([])
    })
  })
}
