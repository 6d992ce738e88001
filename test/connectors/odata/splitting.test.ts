import { afterEach, describe, expect, test } from '@jest/globals'
import type { Condition, RawRow, RowFilter } from '../../../src/systems/connector.ts'
import { partStock, partsDeliveryLine } from '../../../src/systems/relations/parts-logistics.ts'
import { wholesaleFunding } from '../../../src/systems/relations/wholesale-finance.ts'
import { failureOf } from './scripted.ts'
import { ALL, closeServed, openOver, text, walk } from './serving.ts'

/** What does not fit in one URL is asked for in several, and gives what one would have given. */
const signal = new AbortController().signal

afterEach(closeServed)

describe('what a viewer may see does not fit in one URL', () => {
  const SITES = Array.from({ length: 600 }, (_, n) => `BPNS0000000${10_000 + n}`)
  const PARTS = ['LR1', 'LR2', 'LR3'] as const
  const stock = (settings: Parameters<typeof openOver>[2] = {}) =>
    openOver(
      {
        name: 'Stock',
        key: ['Part', 'Site'],
        properties: { Part: text(40), Site: text(16) },
        // Every part at every third site from its own number on.
        rows: PARTS.flatMap((Part, part) => SITES.filter((_, n) => n % 3 === part).map(Site => ({ Part, Site }))),
      },
      {
        part_stock: {
          entitySet: 'Stock',
          where: "Part ne 'NONE'",
          columns: {
            part_number: 'Part',
            site_bpns: 'Site',
            stock_status: { constant: 'BLOCKED' },
            quantity_on_hand: { constant: '1' },
            quantity_allocated: { constant: '0' },
            unit: { constant: 'H87' },
            last_updated_on: { asOf: true },
          },
        },
      },
      settings,
    )
  const within = (values: readonly string[]): RowFilter => ({ kind: 'within', column: 'siteBpns', values })
  const namesOf = (rows: readonly RawRow[]) => rows.map(row => `${row.partNumber} ${row.siteBpns}`)
  const expected = (sites: readonly string[]) =>
    PARTS.flatMap((part, n) => SITES.filter((_, index) => index % 3 === n).map(site => `${part} ${site}`)).filter(
      name => sites.includes(name.split(' ')[1] ?? ''),
    )

  test('and its pages are asked for in several, put together in order, each row once', async () => {
    const sites = SITES.filter((_, n) => n % 6 !== 5)
    const opened = await stock()
    expect(namesOf(await walk(opened, partStock, 50, within(sites)))).toEqual(expected(sites))
    const reads = opened.server.requests.filter(path => path.startsWith('/S/Stock'))
    // 500 rows in pages of 50, each in some 20 requests.
    expect(reads.length).toBeLessThan(11 * 25)
  })

  test('with small pages of the service, and with a condition that only the gateway can test', async () => {
    const sites = SITES.slice(0, 200)
    const opened = await stock({ pageSize: 7, maxUrlLength: 1_000 })
    const where: readonly Condition[] = [{ column: 'partNumber', is: 'atLeast', value: 'LR2' }]
    const { rows } = await opened.connector.page(
      partStock,
      { visible: within(sites), where, after: null, first: 90 },
      signal,
    )
    expect(namesOf(rows)).toEqual(
      expected(sites)
        .filter(name => name >= 'LR2')
        .slice(0, 90),
    )
  })

  test('in so many that nobody would wait: the rows are tested instead, and those of others are not given', async () => {
    const sites = SITES.slice(0, 500)
    const opened = await stock({ maxUrlLength: 500 })
    await opened.connector.inspect([partStock], signal)
    opened.server.requests.length = 0
    expect(namesOf(await walk(opened, partStock, 100, within(sites)))).toEqual(expected(sites))
    expect(opened.server.requests.some(path => path.includes('+or+Site+eq+'))).toBe(false)
  })

  test('and a lookup asks by its keys alone, and gives no row of others', async () => {
    const opened = await stock()
    const query = { columns: ['partNumber'], keys: [['LR1'], ['LR3']], visible: within(SITES.slice(0, 60)) }
    const { rows } = await opened.connector.lookup(partStock, query, signal)
    expect(namesOf(rows).toSorted()).toEqual(
      expected(SITES.slice(0, 60))
        .filter(name => !name.startsWith('LR2'))
        .toSorted(),
    )
    expect(opened.server.requests.filter(path => path.startsWith('/S/Stock'))).toHaveLength(1)
  })

  test('and 500 keys are not asked for one by one, because of what stands beside them', async () => {
    const opened = await stock()
    const keys = SITES.slice(0, 500).map(site => ['LR1', site, 'BLOCKED'])
    const { rows } = await opened.connector.lookup(
      partStock,
      { columns: partStock.key, keys, visible: within(SITES.slice(0, 35)) },
      signal,
    )
    expect(namesOf(rows).toSorted()).toEqual(expected(SITES.slice(0, 35)).filter(name => name.startsWith('LR1')))
    expect(opened.server.requests.filter(path => path.startsWith('/S/Stock')).length).toBeLessThan(40)
  })
})

describe('an owner with many codes of which each means it', () => {
  const RETAILER = 'BPNL00000R000121'
  const numbers = Array.from({ length: 100 }, (_, n) => `0000${1_000 + n}`)
  const codes = Object.fromEntries(numbers.map(number => [number, RETAILER]))
  const visible: RowFilter = { kind: 'owner', columns: ['retailerBpnl', 'funderBpnl'], value: RETAILER }
  const fundings = (documentOf: (n: number) => string) => {
    const rows = numbers.map((A, n) => ({ Document: documentOf(n), A, B: numbers.at(-1 - n) ?? '' }))
    const unsaid = ['reference', 'funded_amount', 'funded_on', 'consignment_ends_on', 'interest_free_until']
    return openOver(
      {
        name: 'F',
        key: ['Document', 'A'],
        properties: { Document: text(10), A: text(10), B: text(10) },
        rows: [...rows, { Document: '9999999999', A: 'other', B: 'other' }],
      },
      {
        wholesale_funding: {
          entitySet: 'F',
          columns: {
            ...Object.fromEntries(
              [...unsaid, 'settled_on', 'outstanding_amount'].map(name => [name, { constant: null }]),
            ),
            billing_document: 'Document',
            retailer_bpnl: { field: 'A', codes },
            funder_bpnl: { field: 'B', codes },
            funder_name: { constant: 'Arden' },
            status: { constant: 'FUNDED' },
            currency: { constant: 'GBP' },
          },
        },
      },
    )
  }
  const documentOf = (n: number) => String(2_000_000_000 + n)

  test('sees each row once, by whichever of its two owners it was asked for', async () => {
    const opened = await fundings(documentOf)
    for (const first of [9, 100]) {
      const rows = await walk(opened, wholesaleFunding, first, visible)
      expect(rows.map(row => row.billingDocument)).toEqual(numbers.map((_, n) => documentOf(n)))
    }
  })

  test('is told where two rows have one key', async () => {
    const opened = await fundings(n => documentOf(n === 1 ? 0 : n))
    expect(await failureOf(walk(opened, wholesaleFunding, 100, visible))).toEqual({
      code: 'SYSTEM_DATA_INVALID',
      text: expect.stringContaining('two rows with one key'),
    })
  })
})

test('keys that differ only in what cannot be asked are asked for once', async () => {
  const lines = Array.from({ length: 80 }, (_, n) => ({ Delivery: 'D1', Line: String(n + 1), Item: `I${n + 1}` }))
  const int = { type: 'Edm.Int32' }
  const opened = await openOver(
    [
      {
        name: 'Lines',
        key: ['Delivery', 'Line'],
        properties: { Delivery: text(20), Line: int, Item: text(10) },
        rows: lines,
      },
      {
        name: 'Items',
        key: ['Item'],
        properties: { Item: text(10), Position: int },
        rows: lines.map(({ Item }, n) => ({ Item, Position: String((n + 1) * 10) })),
      },
    ],
    {
      parts_delivery_line: {
        entitySet: 'Lines',
        joins: { item: { entitySet: 'Items', on: { Item: 'Item' } } },
        columns: {
          delivery_id: 'Delivery',
          line: 'Line',
          retailer_bpnl: { constant: 'BPNL00000R000121' },
          supplier_order_id: 'Delivery',
          position_id: 'item.Position',
          part_number: { constant: 'P1' },
          quantity: { constant: '1' },
          unit: { constant: 'H87' },
        },
      },
    },
  )
  const keys = lines.slice(0, 70).map((_, n) => ['D1', (n + 1) * 10])
  const query = { columns: ['supplierOrderId', 'positionId'], keys, visible: ALL }
  const { rows } = await opened.connector.lookup(partsDeliveryLine, query, signal)
  expect(rows.map(row => row.positionId)).toEqual(keys.map(([, position]) => position))
  expect(opened.server.requests.filter(path => path.startsWith('/S/Lines'))).toHaveLength(1)
})
