import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { cursorList } from '../../src/graphql/cursor.ts'
import { GatewayError } from '../../src/model/errors.ts'
import type { AnyRelation } from '../../src/systems/connector.ts'
import { partsOrderLine } from '../../src/systems/relations/parts-logistics.ts'
import { materialDemand } from '../../src/systems/relations/production-schedule.ts'
import { supplierInvoice, supplierPayment } from '../../src/systems/relations/wholesale-finance.ts'

const INVOICE = { documentDate: '2025-10-07', companyCode: '1000', invoiceNumber: '0000000001', fiscalYear: '2025' }
const ORDER = { orderedAt: '2025-10-07T08:00:00.000Z', supplierOrderId: 'SO1', positionId: 10 }
const invoices = cursorList(supplierInvoice, null)
const orders = cursorList(partsOrderLine, null)
const written = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const read = (cursor: string): readonly unknown[] => JSON.parse(Buffer.from(cursor, 'base64url').toString())

const isRefused = (decode: () => unknown) =>
  expect(decode).toThrow(
    expect.objectContaining({
      code: 'BAD_USER_INPUT',
      message: 'after: is not a cursor of this list under this filter.',
      details: { argument: 'after' },
    }),
  )

describe('a cursor', () => {
  test('leads back to its place in the list', () => {
    expect(invoices.decode(invoices.encode(INVOICE))).toEqual(['2025-10-07', '1000', '0000000001', '2025'])
    expect(orders.decode(orders.encode(ORDER))).toEqual(['2025-10-07T08:00:00.000Z', 'SO1', 10])
  })

  test('leads back whatever stands in a row of the list', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(text => text.length <= 20),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        (supplierOrderId, positionId) => {
          const row = { ...ORDER, supplierOrderId, positionId }
          expect(orders.decode(orders.encode(row))).toEqual([row.orderedAt, supplierOrderId, positionId])
        },
      ),
    )
  })

  test('holds nothing of a row but its place', () => {
    const secret = { ...INVOICE, grossAmount: '1843.20', supplierBpnl: 'BPNL0000000ALPHA' }
    expect(read(invoices.encode(secret)).slice(1)).toEqual(Object.values(INVOICE))
  })

  test('is the same for one filter, in whatever order it was written', () => {
    const one = cursorList(supplierInvoice, { status: ['PAID'], dueFrom: '2025-01-01' })
    const other = cursorList(supplierInvoice, { dueFrom: '2025-01-01', status: ['PAID'] })
    expect(other.decode(one.encode(INVOICE))).toEqual(Object.values(INVOICE))
    expect(cursorList(supplierInvoice, undefined).decode(invoices.encode(INVOICE))).toEqual(Object.values(INVOICE))
  })
})

describe('what is no cursor of the list is refused', () => {
  test.each<[string, AnyRelation, unknown]>([
    ['another list', supplierPayment, null],
    ['another list with an order of the same kind', materialDemand, null],
    ['another filter', supplierInvoice, { status: ['PAID'] }],
    ['an empty filter', supplierInvoice, {}],
  ])('of %s', (_what, relation, filter) => {
    isRefused(() => cursorList(relation, filter).decode(invoices.encode(INVOICE)))
    isRefused(() => cursorList(relation, filter).decode(orders.encode(ORDER)))
  })

  const [list = ''] = read(orders.encode(ORDER))
  test.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', 'bm90IGpzb24'],
    ['no list', written({ list })],
    ['only the name of the list', written([list])],
    ['a place cut short', written([list, ORDER.orderedAt, 'SO1'])],
    ['a place with too much', written([list, ...Object.values(ORDER), 1])],
    ['a time that is none', written([list, 'yesterday', 'SO1', 10])],
    ['a time that is out of range', written([list, '9999-12-31T23:59:59-01:00', 'SO1', 10])],
    ['a number in quotes', written([list, ORDER.orderedAt, 'SO1', '10'])],
    ['a number that no database column holds', written([list, ORDER.orderedAt, 'SO1', 2 ** 40])],
    ['null', written([list, ORDER.orderedAt, null, 10])],
    ['text that is too long for its column', written([list, ORDER.orderedAt, 'S'.repeat(21), 10])],
    ['an object', written([list, ORDER.orderedAt, { $gt: '' }, 10])],
    ['more than a cursor ever is', `${orders.encode(ORDER)}${'A'.repeat(2_000)}`],
  ])('with %s', (_what, cursor) => isRefused(() => orders.decode(cursor)))

  test('whatever it is, and with no other error', () => {
    const cursors = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.json().map(written),
      fc.array(fc.jsonValue()).map(rest => written([list, ...rest])),
    )
    fc.assert(
      fc.property(cursors, cursor => {
        try {
          orders.decode(cursor)
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError)
          expect(error).toMatchObject({ code: 'BAD_USER_INPUT' })
          return
        }
        // Nothing random names the list and a place in it.
        throw new Error(`${cursor} was taken for a cursor`)
      }),
      { numRuns: 1_000 },
    )
  })
})
