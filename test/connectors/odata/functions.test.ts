import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { MappedConnector } from '../../../src/connectors/mapped-connector.ts'
import type { RowFilter } from '../../../src/systems/connector.ts'
import { partStock } from '../../../src/systems/relations/parts-logistics.ts'
import { connect } from './connecting.ts'
import { type ODataServer, startODataServer } from './server.ts'

/** Functions where they differ from SAP's availability check: V4, padded keys, codes that say that there is no such row. */
const signal = new AbortController().signal
const SITE = 'BPNS00000P0001MR'
let server: ODataServer
let connector: MappedConnector

const text = { type: 'Edm.String', maxLength: 10 }
const quantity = { type: 'Edm.Decimal', precision: 15, scale: 3 }

beforeEach(async () => {
  const check = {
    name: 'CheckStock',
    parameters: { Material: text, Plant: text, Kind: text },
    result: { OnHand: quantity },
    call: ({ Material = '', Kind = '' }: Readonly<Record<string, string>>) => {
      if (Material === '0000000404') return { error: 'STOCK/404', status: 404 }
      if (Material === '0000000500') return { error: 'STOCK/500', status: 400 }
      return { OnHand: Kind === 'B' ? '1.500' : '20.000' }
    },
  }
  server = await startODataServer({
    version: 'V4',
    services: { STOCK: { sets: [], functions: [check] } },
    pageLimit: 5,
  })
  connector = await connect({
    version: 'V4',
    baseUrl: `${server.url}/STOCK`,
    relations: {
      part_stock: {
        function: 'CheckStock',
        parameters: { Material: 'part_number', Plant: 'site_bpns', Kind: 'stock_status' },
        absent: ['STOCK/404'],
        columns: {
          part_number: { field: 'Material', pad: 10 },
          site_bpns: { field: 'Plant', codes: { P1: SITE } },
          stock_status: { field: 'Kind', codes: { B: 'BLOCKED', U: 'UNRESTRICTED' } },
          quantity_on_hand: 'OnHand',
          quantity_allocated: { constant: '0' },
          unit: { constant: 'H87' },
          last_updated_on: { asOf: true },
        },
      },
    },
  })
})
afterEach(async () => {
  await connector.close()
  await server.close()
})

const within = (...values: string[]): RowFilter => ({ kind: 'within', column: 'siteBpns', values })
const lookup = async (parts: readonly string[], visible: RowFilter) =>
  (await connector.lookup(partStock, { columns: ['partNumber'], keys: parts.map(part => [part]), visible }, signal))
    .rows

test('a key is made whole by the visible sites and by the values that a table of codes lists', async () => {
  const rows = await lookup(['100'], within(SITE))
  expect(rows.map(row => [row.partNumber, row.siteBpns, row.stockStatus, row.quantityOnHand])).toEqual([
    ['100', SITE, 'BLOCKED', '1.500'],
    ['100', SITE, 'UNRESTRICTED', '20.000'],
  ])
  expect(rows.map(row => partStock.schema.safeParse(row).success)).toEqual([true, true])
  expect(server.requests).toContain("/STOCK/CheckStock(Material='0000000100',Plant='P1',Kind='B')")
})

test('a row that the function says is not there is none, and any other error is one', async () => {
  expect(await lookup(['404'], within(SITE))).toEqual([])
  await expect(lookup(['500'], within(SITE))).rejects.toThrow('the service did not accept the request (400): STOCK/500')
})

test('sites that the tables do not have, and keys that cannot be, are no call', async () => {
  await connector.inspect([partStock], signal)
  server.requests.length = 0
  expect(await lookup(['100'], within('BPNS00000P0002M2'))).toEqual([])
  expect(await lookup(['00100', "x'"], within(SITE))).toEqual([])
  expect(server.requests).toEqual([])
})

test('more calls than anybody would wait for are refused', async () => {
  const parts = Array.from({ length: 1_001 }, (_, n) => String(1_000 + n))
  await expect(lookup(parts, within(SITE))).rejects.toThrow('a lookup of 2002 calls, the most being 2000')
})

test('a mapping whose parameters do not make the key whole says which', async () => {
  const wanting = await connect({
    version: 'V4',
    baseUrl: `${server.url}/STOCK`,
    relations: {
      part_stock: {
        function: 'CheckStock',
        parameters: { Material: 'part_number', Plant: 'unit' },
        columns: { part_number: 'Material' },
      },
    },
  })
  const [inspection] = await wanting.inspect([partStock], signal)
  await wanting.close()
  expect(inspection?.source).toBe('function CheckStock (lookups only: no pages, no totals)')
  expect(inspection?.lookupsOnly).toBe(true)
  expect(inspection?.problems).toEqual(
    expect.arrayContaining([
      'parameter Plant: must take a column of the key, and that column be mapped to the field Plant',
      'column site_bpns: is part of the key, and no parameter takes it',
    ]),
  )
})
