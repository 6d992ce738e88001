import { beforeAll, describe, expect, test } from '@jest/globals'
import { createPostgresConnector } from '../../src/connectors/postgres/connector.ts'
import type { PostgresMapping } from '../../src/connectors/postgres/mapping.ts'
import { type SqlClient, SqlError } from '../../src/connectors/postgres/sql-client.ts'
import type { RowFilter } from '../../src/systems/connector.ts'
import { part, partStock, partsDelivery } from '../../src/systems/relations/parts-logistics.ts'
import { MISTYPED, stock, UNWHOLE } from './postgres-broken-selects.ts'
import { type Write, writeRows, writeTables } from './postgres-sample.ts'
import { AS_OF, SAMPLE } from './sample.ts'

/** What a mapping by SELECT guarantees, and what is said of one that is wrong; both drivers run it. */
export interface MappingSource {
  readonly client: SqlClient
  readonly write: Write
}

const signal = new AbortController().signal
const ALL: RowFilter = { kind: 'all' }
const clock = { now: () => 0 }

export function describeMapping(name: string, setup: () => Promise<MappingSource>): void {
  describe(`a mapping by SELECT over ${name}`, () => {
    let source: MappingSource
    beforeAll(async () => {
      source = await setup()
      await writeTables(source.write, 'site', [partStock, part, partsDelivery])
      for (const relation of [partStock, part, partsDelivery])
        await writeRows(source.write, 'site', relation, SAMPLE.get(relation) ?? [])
      await source.write(`INSERT INTO site.freshness VALUES ($1::timestamptz)`, [AS_OF])
    }, 60_000)

    const over = (mapping: Partial<PostgresMapping>, client = source.client) =>
      createPostgresConnector({
        client,
        mapping: { schema: 'site', freshness: null, relations: {}, ...mapping },
        clock,
      })
    const overStock = (select: string) => over({ relations: { part_stock: { select } } })

    test.each([...UNWHOLE, ...MISTYPED])(
      'a SELECT that %s is told in one line, and not read',
      async (_, select, line) => {
        const connector = overStock(select)
        const [inspection, second] = await connector.inspect([partStock], signal)
        expect(second).toBeUndefined()
        expect(inspection?.problems).toEqual([typeof line === 'string' ? line : expect.stringMatching(line)])
        await expect(connector.probe([partStock, part], signal)).rejects.toThrow(
          `the source does not have the relations as declared: relation part_stock, ${inspection?.problems[0]}`,
        )
        expect(
          (await over({}).page(partStock, { visible: ALL, where: [], after: null, first: 100 }, signal)).rows,
        ).toHaveLength(18)
      },
    )

    test('every problem of every relation is told, each relation in its place', async () => {
      const broken = stock({ unit: '1', last_updated_on: null })
      const inspections = await overStock(broken).inspect([part, partStock, { ...part, name: 'no_part' }], signal)
      expect(inspections).toEqual([
        { relation: 'part', source: '"site"."part"', lookupsOnly: false, problems: [] },
        {
          relation: 'part_stock',
          source: expect.stringMatching(/^SELECT part_number AS .{57}…$/),
          lookupsOnly: false,
          problems: [expect.stringContaining('column unit'), expect.stringContaining('column last_updated_on')],
        },
        {
          relation: 'no_part',
          source: '"site"."no_part"',
          lookupsOnly: false,
          problems: ['cannot be read: relation "site.no_part" does not exist (SQLSTATE 42P01)'],
        },
      ])
    })

    test('a relation without a SELECT and without a schema is not mapped', async () => {
      const connector = over({ schema: null, freshness: 'SELECT now()' })
      const [inspection] = await connector.inspect([part], signal)
      expect(inspection?.problems).toEqual([expect.stringContaining('is not mapped')])
      await expect(connector.totals(part, signal)).rejects.toThrow('relation part is not mapped')
    })

    test('a read that the server cannot plan is told, though the columns are right', async () => {
      const refusing: SqlClient = {
        ...source.client,
        async query(text, params, given) {
          if (text.startsWith('EXPLAIN') && text.includes('unnest'))
            throw new SqlError('42883', 'operator does not exist')
          return source.client.query(text, params, given)
        },
      }
      const [inspection] = await over({}, refusing).inspect([partStock], signal)
      expect(inspection?.problems).toEqual(['cannot be looked up by its key: operator does not exist (SQLSTATE 42883)'])
    })

    test('a domain counts as the type under it, and bigint and smallint as integers', async () => {
      await source.write('CREATE DOMAIN site.unit_code AS varchar(3)')
      const connector = overStock(stock({ unit: 'unit::site.unit_code' }))
      expect(await connector.inspect([partStock], signal)).toMatchObject([{ problems: [] }])
      const { rows } = await connector.page(
        partStock,
        { visible: ALL, where: [{ column: 'unit', is: 'equal', value: 'C62' }], after: null, first: 1 },
        signal,
      )
      expect(rows).toMatchObject([{ unit: 'C62' }])
      const { rows: numbers } = await source.client.query(
        'SELECT 7::int8 AS a, 7::int2 AS b, 2::int8^62 AS c',
        [],
        signal,
      )
      expect(numbers).toMatchObject([{ a: 7, b: 7 }])
    })

    const key = ['LR101000', 'BPNS00000P0001MR', 'UNRESTRICTED']
    const twins = `${stock()} UNION ALL ${stock({}, "WHERE part_number = 'LR101000'")}`

    test('two rows of one key are no answer, by key or on a page, and neither is chosen', async () => {
      const connector = overStock(twins)
      const invalid = {
        code: 'SYSTEM_DATA_INVALID',
        details: { system: 'PARTS_LOGISTICS' },
        cause: new Error('relation part_stock: several rows have the same key (part_number, site_bpns, stock_status)'),
      }
      await expect(
        connector.lookup(partStock, { columns: partStock.key, keys: [key], visible: ALL }, signal),
      ).rejects.toMatchObject(invalid)
      const byPart = { columns: ['partNumber'], visible: ALL }
      await expect(connector.lookup(partStock, { ...byPart, keys: [['LR101000']] }, signal)).rejects.toMatchObject(
        invalid,
      )
      for (const first of [1, 100])
        await expect(
          connector.page(partStock, { visible: ALL, where: [], after: null, first }, signal),
        ).rejects.toMatchObject(invalid)
      expect((await connector.lookup(partStock, { ...byPart, keys: [['LR101001']] }, signal)).rows).toHaveLength(3)
    })

    test('two rows of one key and nulls where none may be are told of a SELECT, at no start', async () => {
      const connector = overStock(twins.replaceAll('unit AS unit', "nullif(unit, 'C62') AS unit"))
      const [inspection] = await connector.inspect([partStock], signal)
      expect(inspection?.problems).toEqual([
        'column unit: is null in some rows; leave those out or give the value',
        'key part_number, site_bpns, stock_status: several rows have the same; give one row for each, a join may repeat them',
      ])
      await expect(connector.probe([partStock], signal)).resolves.toBeUndefined()
    })

    test('a row without an owner is handed on as it is, for the border to refuse, and shown to no owner', async () => {
      const select = `SELECT delivery_id, nullif(retailer_bpnl, 'BPNL00000R000121') AS retailer_bpnl, origin_bpns,
        destination_bpns, tracking_number, incoterm, departure_at, departure_actual, arrival_at, arrival_actual
        FROM site.parts_delivery`
      const connector = over({ relations: { parts_delivery: { select } } })
      const query = { where: [], after: null, first: 100 }
      const all = await connector.page(partsDelivery, { ...query, visible: ALL }, signal)
      expect(all.rows.filter(row => row.retailerBpnl === null)).toHaveLength(10)
      const owner: RowFilter = { kind: 'owner', columns: ['retailerBpnl'], value: 'BPNL00000R000121' }
      expect((await connector.page(partsDelivery, { ...query, visible: owner }, signal)).rows).toEqual([])
      expect(await connector.inspect([partsDelivery], signal)).toMatchObject([
        { problems: ['column retailer_bpnl: is null in some rows; leave those out or give the value'] },
      ])
    })

    test('a row that the SELECT cannot turn into what it promises is bad data, and its value is told to nobody', async () => {
      const select = stock({
        quantity_on_hand: `(CASE part_number WHEN 'LR101000' THEN 's3"cret' ELSE '1' END)::numeric`,
      })
      const connector = overStock(select)
      const reason = 'invalid input syntax for type numeric: "…" (SQLSTATE 22P02)'
      await expect(
        connector.lookup(partStock, { columns: partStock.key, keys: [key], visible: ALL }, signal),
      ).rejects.toMatchObject({
        code: 'SYSTEM_DATA_INVALID',
        cause: new Error(`relation part_stock: ${reason}`),
      })
      const [inspection] = await connector.inspect([partStock], signal)
      expect(inspection?.problems).toEqual([`cannot be read: ${reason}`])
      expect(
        (await connector.lookup(partStock, { columns: ['partNumber'], keys: [['LR101001']], visible: ALL }, signal))
          .rows,
      ).toHaveLength(3)
    })

    test.each([
      [
        'is null',
        'SELECT NULL::timestamptz',
        /^freshness, SELECT NULL.*: it is null, so the time of the data is not known/,
      ],
      ['is in no zone', 'SELECT localtimestamp', /timestamp without time zone; say which zone/],
      ['is a date', 'SELECT current_date', /must give one column, of type timestamptz/],
      ['is two', 'SELECT now() AS a, now() AS b', /must give one column, of type timestamptz/],
      ['is on no row', 'SELECT now() WHERE false', /must have one row and has none/],
      ['is on several rows', 'SELECT as_of FROM site.freshness, site.part', /must have one row and has several/],
      ['is no whole query', 'SELECT now()) t, (SELECT 1', /its SELECT is refused: syntax error at or near "\)"/],
    ])('a time of the data that %s is not made up', async (_, freshness, message) => {
      await expect(over({ freshness }).probe([part], signal)).rejects.toThrow(message)
    })

    test('a mapping that says nothing of the time is refused when it is made', () => {
      expect(() => over({ schema: null })).toThrow('there is no SELECT for freshness')
    })

    test('the explanation is the statement with its parameters, and is of what is sent', async () => {
      const sent: unknown[] = []
      const watching: SqlClient = {
        ...source.client,
        query(text, params, given) {
          sent.push(text)
          return source.client.query(text, params, given)
        },
      }
      const connector = over({ relations: { part_stock: { select: stock({}, '-- all\n') } } }, watching)
      const lookup = { columns: ['partNumber'], keys: [['LR101000'], ["'; --\n"]], visible: ALL }
      const [text = '', ...more] = connector.explain(partStock, { kind: 'lookup', query: lookup })
      expect(more).toEqual([])
      expect(sent).toEqual([])
      await connector.lookup(partStock, lookup, signal)
      expect(text).toBe(`${sent.at(-1)}\n-- $1 = ["LR101000","'; --\\n"]`)
      const page = { visible: ALL, where: [], after: null, first: 5 }
      expect(connector.explain(partStock, { kind: 'page', query: page })).toEqual([
        expect.stringMatching(
          /FROM \(\nSELECT .*-- all\n\n\) t\nORDER BY .* COLLATE "C" ASC.*\nLIMIT \$1::bigint\n-- \$1 = 6$/s,
        ),
      ])
      expect(connector.explain(partStock, { kind: 'lookup', query: { ...lookup, keys: [] } })).toEqual([])
    })

    test('rows that were not looked through for lack of time are said to be so, and keep nothing from being right', async () => {
      const slow: SqlClient = {
        ...source.client,
        async query(text, params, given) {
          if (text.includes('bool_or(')) throw new SqlError('57014', 'canceling statement due to statement timeout')
          return source.client.query(text, params, given)
        },
      }
      const connector = over({ relations: { part_stock: { select: stock() } } }, slow)
      expect(await connector.inspect([partStock, part], signal)).toMatchObject([
        {
          problems: [],
          notes: ["its rows were not looked through for nulls: it took longer than the system's deadlineMs"],
        },
        { problems: [] },
      ])
    })

    test.each(['LIMIT 3', 'OFFSET 1', 'FETCH FIRST ROW ONLY'])(
      'a SELECT that ends in %s is told, because rows would go missing',
      async end => {
        const [inspection] = await overStock(stock({}, `ORDER BY part_number ${end}`)).inspect([partStock], signal)
        expect(inspection?.problems).toEqual([expect.stringMatching(/^its SELECT ends in LIMIT, OFFSET or FETCH, /)])
        const within = stock({}, `WHERE site_bpns IN (SELECT site_bpns FROM site.part_stock ORDER BY 1 ${end})`)
        expect((await overStock(within).inspect([partStock], signal))[0]?.problems).toEqual([])
      },
    )
  })
}
