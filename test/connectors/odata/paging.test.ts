import { afterEach, describe, expect, test } from '@jest/globals'
import type { Condition } from '../../../src/systems/connector.ts'
import { partSupersession } from '../../../src/systems/relations/parts-logistics.ts'
import { vehicleWholesale } from '../../../src/systems/relations/wholesale-finance.ts'
import { failureOf } from './scripted.ts'
import { ALL, closeServed, type Opened, openOver, text, walk } from './serving.ts'

/** Lists are whole, however they are cut: no row is lost or given twice, or else the list is refused. */
const signal = new AbortController().signal

afterEach(closeServed)

describe.each(['V2', 'V4'] as const)('a day that comes as a time in %s', version => {
  const wholesales = (hour: (n: number) => string) =>
    openOver(
      {
        name: 'Bills',
        key: ['Doc'],
        properties: { Doc: text(10), At: { type: 'Edm.DateTimeOffset' } },
        rows: Array.from({ length: 12 }, (_, n) => ({
          Doc: String(n).padStart(10, '0'),
          At: `2025-10-0${1 + Math.floor(n / 6)}T${hour(n)}:00.000Z`,
        })),
      },
      {
        vehicle_wholesale: {
          entitySet: 'Bills',
          columns: {
            billing_document: 'Doc',
            vin: { constant: 'SALGA2EV9HA298010' },
            retailer_bpnl: { constant: 'BPNL00000R000121' },
            model_description: { constant: 'm' },
            wholesale_date: 'At',
            net_amount: { constant: '1.00' },
            tax_amount: { constant: '1.00' },
            gross_amount: { constant: '1.00' },
            currency: { constant: 'GBP' },
            status: { constant: 'INVOICED' },
            registration_released: { constant: true },
            funding_status: { constant: 'FUNDED' },
            last_updated_on: { asOf: true },
          },
        },
      },
      { version },
    )
  const found = async ({ connector }: Opened, where: readonly Condition[]) =>
    (await connector.page(vehicleWholesale, { visible: ALL, where, after: null, first: 50 }, signal)).rows

  test('at midnight is that day, in pages of any size and in every comparison', async () => {
    const opened = await wholesales(() => '00:00')
    expect(await walk(opened, vehicleWholesale, 4)).toHaveLength(12)
    for (const [is, count] of [
      ['atMost', 6],
      ['equal', 6],
      ['above', 6],
      ['below', 0],
      ['atLeast', 12],
    ] as const)
      expect(await found(opened, [{ column: 'wholesaleDate', is, value: '2025-10-01' }])).toHaveLength(count)
  })

  test('with a time of day is passed on as it is, to be refused, and never left out', async () => {
    const opened = await wholesales(n => `${String(8 + (n % 6)).padStart(2, '0')}:30`)
    expect(await failureOf(walk(opened, vehicleWholesale, 4))).toMatchObject({ code: 'SYSTEM_DATA_INVALID' })
    const rows = await found(opened, [])
    expect(rows).toHaveLength(12)
    expect(rows.map(row => vehicleWholesale.schema.safeParse(row).success)).not.toContain(true)
  })

  test.each(['atMost', 'equal', 'atLeast'] as const)('with a time of day is asked for by %s', async is => {
    const opened = await wholesales(() => '08:30')
    await opened.connector.inspect([vehicleWholesale], signal)
    opened.server.requests.length = 0
    await found(opened, [{ column: 'wholesaleDate', is, value: '2025-10-01' }]).catch(() => [])
    const filter = new URLSearchParams(opened.server.requests[0]?.split('?')[1]).get('$filter') ?? ''
    expect(filter).toMatch(is === 'atLeast' ? /^At ge \S*2025-10-01T00:00:00/ : /At lt \S*2025-10-02T00:00:00/)
  })
})

describe('a value that is put together of several fields', () => {
  const mapped = (parts: readonly string[], separator = '-') =>
    openOver(
      {
        name: 'P',
        key: ['A', 'B'],
        properties: { A: text(10), B: text(10) },
        rows: parts.map((A, n) => ({ A, B: String(n) })),
      },
      {
        part_supersession: {
          entitySet: 'P',
          columns: {
            part_number: { fields: ['A', 'B'], separator },
            current_part_number: 'A',
            chain: { constant: [] },
          },
        },
      },
    )

  test('is the same list in pages of any size', async () => {
    const opened = await mapped(['A', 'C', 'D', 'E'])
    for (const first of [1, 2, 3, 4, 10])
      expect((await walk(opened, partSupersession, first)).map(row => row.partNumber)).toEqual([
        'A-0',
        'C-1',
        'D-2',
        'E-3',
      ])
  })

  test.each([
    [['A', 'A-B', 'C'], '-'],
    [['A', 'B-', 'C'], '--'],
  ])('of %j with %j between them cannot be taken apart again, and is refused', async (parts, separator) => {
    const opened = await mapped(parts, separator)
    for (const first of [1, 2, 10])
      expect(await failureOf(walk(opened, partSupersession, first))).toEqual({
        code: 'SYSTEM_DATA_INVALID',
        text: expect.stringContaining('column part_number is put together of texts that hold its separator'),
      })
  })
})

describe('a page is not followed by one that begins elsewhere', () => {
  const parts = (rows: readonly string[], maxLength: number, column: unknown) =>
    openOver(
      { name: 'P', key: ['P'], properties: { P: text(maxLength) }, rows: rows.map(P => ({ P })) },
      {
        part_supersession: {
          entitySet: 'P',
          columns: { part_number: column, current_part_number: { constant: 'X' }, chain: { constant: [] } },
        },
      },
    )

  test.each<[string, readonly string[], number, unknown]>([
    ['a value longer than its field', ['LONGER', 'ZZ'], 4, 'P'],
    ['a code that is a value of its own table', ['Z', 'ZZ'], 4, { field: 'P', codes: { '1': 'Z' } }],
  ])('where it ends with %s', async (_name, rows, maxLength, column) => {
    const opened = await parts(rows, maxLength, column)
    expect(await walk(opened, partSupersession, 10)).toHaveLength(2)
    expect(await failureOf(walk(opened, partSupersession, 1))).toEqual({
      code: 'SYSTEM_DATA_INVALID',
      text: expect.stringContaining('cannot ask for again'),
    })
  })
})
