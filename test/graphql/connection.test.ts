import { describe, expect, test } from '@jest/globals'
import { conditions, readConnection } from '../../src/graphql/connection.ts'
import {
  createOperationContext,
  createRequestContext,
  type FieldContext,
  type Knowledge,
  NO_REQUEST_READS,
} from '../../src/graphql/context.ts'
import type { Reads } from '../../src/loaders/reads.ts'
import { supplierInvoice } from '../../src/systems/relations/wholesale-finance.ts'
import { ALPHA, viewerOf } from '../systems/viewer.ts'

describe('conditions of a list', () => {
  test('leave out what the filter does not say', () => {
    expect(
      conditions(
        supplierInvoice,
        ['status', 'in', null],
        ['status', 'in', undefined],
        ['netDueDate', 'atLeast', null],
        ['supplierInvoiceReference', 'equal', undefined],
      ),
    ).toEqual([])
  })

  test('keep an empty list, which no row is in', () =>
    expect(conditions(supplierInvoice, ['status', 'in', []])).toEqual([{ column: 'status', is: 'in', values: [] }]))

  test('keep empty text, which no row has', () =>
    expect(conditions(supplierInvoice, ['supplierInvoiceReference', 'equal', ''])).toEqual([
      { column: 'supplierInvoiceReference', is: 'equal', value: '' },
    ]))

  test('say what the filter says, in its order', () =>
    expect(
      conditions(
        supplierInvoice,
        ['status', 'in', ['PAID', 'ACCEPTED']],
        ['netDueDate', 'atLeast', '2025-01-01'],
        ['netDueDate', 'atMost', '2025-02-01'],
        ['purchaseOrders', 'holding', '4500000001'],
      ),
    ).toEqual([
      { column: 'status', is: 'in', values: ['PAID', 'ACCEPTED'] },
      { column: 'netDueDate', is: 'atLeast', value: '2025-01-01' },
      { column: 'netDueDate', is: 'atMost', value: '2025-02-01' },
      { column: 'purchaseOrders', is: 'holding', value: '4500000001' },
    ]))
})

describe('a connection', () => {
  const provenance = { asOf: '2025-10-07T06:00:00.000Z' }
  const invoice = (number: string) => ({
    documentDate: '2025-10-07',
    companyCode: '1000',
    invoiceNumber: number,
    fiscalYear: '2025',
  })
  const asked: unknown[] = []
  const over = (records: readonly object[], hasNextPage: boolean): FieldContext => {
    const reads = {
      page: async (...call: unknown[]) => {
        asked.push(call)
        return { records, hasNextPage, provenance }
      },
    } as unknown as Reads
    const request = createRequestContext('r', viewerOf(), NO_REQUEST_READS, {} as Knowledge)
    return { ...createOperationContext(request, 0).undeclared, reads }
  }
  const read = (context: FieldContext, after: string | null = null) =>
    readConnection(context, supplierInvoice, { first: 2, after, filter: null }, [], { owner: ALPHA })

  test('gives each record its cursor, and the page its ends', async () => {
    const page = await read(
      over(
        [invoice('1'), invoice('2')].map(one => one),
        true,
      ),
    )
    expect(page.edges.map(({ node }) => node)).toEqual([invoice('1'), invoice('2')])
    expect(page.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: page.edges[0]?.cursor,
      endCursor: page.edges[1]?.cursor,
    })
    expect(page.provenance).toBe(provenance)
  })

  test('has no ends where it is empty', async () =>
    expect((await read(over([], false))).pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    }))

  test('goes on after its last record', async () => {
    // Rows as long as those of the relation, since a cursor is checked by its columns.
    const { edges } = await read(over([invoice('0000000001')], true))
    const page = await read(over([], false), edges[0]?.cursor ?? null)
    expect(page.pageInfo.hasPreviousPage).toBe(true)
    expect(asked.at(-1)).toEqual([
      supplierInvoice,
      { where: [], after: ['2025-10-07', '1000', '0000000001', '2025'], first: 2 },
      { owner: ALPHA },
    ])
  })

  test('refuses a cursor of another list before it reads', async () => {
    const before = asked.length
    await expect(read(over([], false), 'bm90IGEgY3Vyc29y')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
    expect(asked).toHaveLength(before)
  })
})
