import { expect, test } from '@jest/globals'
import type { AnyRelation, Condition, Connector, PageReading, RawRow, RowFilter } from '../../src/systems/connector.ts'
import type { Value } from '../../src/systems/relation.ts'
import { part, partSupersession, partsDelivery, partsOrderLine } from '../../src/systems/relations/parts-logistics.ts'
import { productionSchedule } from '../../src/systems/relations/production-schedule.ts'
import { supplierInvoice } from '../../src/systems/relations/wholesale-finance.ts'
import { SAMPLE, SAMPLE_RELATIONS } from './sample.ts'

/** The part of the connector contract about values that callers should not send: from partners, or by mistake. */
export interface Reads {
  connector(): Connector
  lookup(relation: AnyRelation, columns: readonly string[], keys: readonly Value[][]): Promise<readonly RawRow[]>
  page(
    relation: AnyRelation,
    where: readonly Condition[],
    first?: number,
    after?: readonly Value[] | null,
  ): Promise<PageReading>
}

const signal = new AbortController().signal
const rowsOf = (relation: AnyRelation) => SAMPLE.get(relation) ?? []

export function describeHostileValues({ connector, lookup, page }: Reads): void {
  test('hostile values find nothing and break nothing', async () => {
    const hostile = [
      "'; DROP TABLE part; --",
      '"',
      '\\',
      '\0',
      'LR101000\0',
      '\ud800',
      '{1,2}',
      '$1',
      '%',
      'x'.repeat(100_000),
      '\u{1F600}',
      '',
    ]
    for (const value of hostile) {
      expect(await lookup(part, ['partNumber'], [[value]])).toEqual([])
      expect(await lookup(supplierInvoice, supplierInvoice.key, [[value, value, value]])).toEqual([])
      expect((await page(part, [{ column: 'partNumber', is: 'equal', value }])).rows).toEqual([])
      expect((await page(part, [{ column: 'effectiveFrom', is: 'atLeast', value }])).rows).toEqual([])
      expect((await page(partsOrderLine, [{ column: 'orderedAt', is: 'below', value }])).rows).toEqual([])
      expect((await page(supplierInvoice, [{ column: 'grossAmount', is: 'below', value }])).rows).toEqual([])
      expect((await page(supplierInvoice, [{ column: 'purchaseOrders', is: 'holding', value }])).rows).toEqual([])
      expect((await page(productionSchedule, [{ column: 'plannedQuantity', is: 'equal', value }])).rows).toEqual([])
      const owner: RowFilter = { kind: 'owner', columns: ['retailerBpnl'], value }
      expect(
        (await connector().page(partsDelivery, { visible: owner, where: [], after: null, first: 5 }, signal)).rows,
      ).toEqual([])
      expect((await page(supplierInvoice, [], 5, [value, value, value, value])).rows).toEqual([])
    }
    await expect(connector().probe(SAMPLE_RELATIONS, signal)).resolves.toBeUndefined()
    expect((await page(part, [])).rows).toHaveLength(12)
  })

  test('half a surrogate pair is not the replacement character that it would be sent as', async () => {
    expect(await lookup(partsDelivery, ['deliveryId'], [['\ufffd']])).toHaveLength(1)
    expect(await lookup(partsDelivery, ['deliveryId'], [['\ud800']])).toEqual([])
    expect((await page(partsDelivery, [{ column: 'deliveryId', is: 'equal', value: '\ud800' }])).rows).toEqual([])
  })

  test('a key longer than its fixed-length column is another key, not a cut one', async () => {
    const [first] = rowsOf(supplierInvoice)
    const key = supplierInvoice.key.map(name => String(first?.[name]))
    expect(await lookup(supplierInvoice, supplierInvoice.key, [key])).toHaveLength(1)
    for (const end of ['X', ' '])
      expect(await lookup(supplierInvoice, supplierInvoice.key, [key.map(value => value + end)])).toEqual([])
  })

  test('numbers and dates that no column can hold find nothing', async () => {
    for (const value of [2 ** 31, -(2 ** 40), 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect((await page(productionSchedule, [{ column: 'plannedQuantity', is: 'equal', value }])).rows).toEqual([])
    for (const value of ['2025-02-30', '0000-01-01', 'infinity', '2025-1-1'])
      expect((await page(productionSchedule, [{ column: 'productionDate', is: 'atLeast', value }])).rows).toEqual([])
  })

  test('a column or a lookup that the relation does not have is a mistake in the caller', async () => {
    await expect(page(part, [{ column: 'constructor', is: 'equal', value: 'x' }])).rejects.toThrow(TypeError)
    await expect(page(part, [{ column: '"; --', is: 'equal', value: 'x' }])).rejects.toThrow(TypeError)
    await expect(page(partSupersession, [{ column: 'chain', is: 'equal', value: 'x' }])).rejects.toThrow(TypeError)
    await expect(lookup(part, ['description'], [['x']])).rejects.toThrow(TypeError)
  })
}
