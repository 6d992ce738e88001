import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { createDataset, type Dataset, EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { volumesAt } from '../../demo/generator/volumes.ts'
import { text } from '../../src/systems/columns.ts'
import type { AnyRelation } from '../../src/systems/connector.ts'
import { accessColumns, defineRelation, type Row } from '../../src/systems/relation.ts'
import { RELATIONS } from '../../src/systems/relations/all.ts'
import { part, partsOrderLine } from '../../src/systems/relations/parts-logistics.ts'
import { materialDemand, productionLine, productionSchedule } from '../../src/systems/relations/production-schedule.ts'
import { supplierInvoice, supplierPayment, vehicleWholesale } from '../../src/systems/relations/wholesale-finance.ts'
import { dataset, rowsOf } from './rows.ts'

const ALL: readonly AnyRelation[] = Object.values(RELATIONS).flat()

/** The first rows of a relation, without making the others. */
function take(relation: AnyRelation, from: Dataset, count: number): readonly Row[] {
  const rows: Row[] = []
  for (const row of from.rows(relation)) {
    rows.push(row)
    if (rows.length === count) break
  }
  return rows
}

/** What the border would refuse or change, were it read. */
const changedByBorder = (relation: AnyRelation, rows: Iterable<Row>) =>
  [...rows].filter(row => !isDeepStrictEqual(relation.schema.safeParse(row).data, row))

describe('the dataset', () => {
  test.each(ALL.map(relation => [relation.name, relation] as const))(
    'every row of %s is as the border wants it, and no key stands twice',
    (_, relation) => {
      const rows = rowsOf(relation)
      expect(rows.length).toBeGreaterThan(0)
      expect(changedByBorder(relation, rows)).toEqual([])
      expect(new Set(rows.map(row => JSON.stringify(relation.key.map(name => row[name])))).size).toBe(rows.length)
    },
  )

  test('equal options give equal rows, another seed gives others', () => {
    const again = createDataset(EMBEDDED_DATASET)
    for (const relation of ALL) expect(take(relation, again, 300)).toEqual(take(relation, dataset, 300))
    const other = createDataset({ ...EMBEDDED_DATASET, seed: 2 })
    expect(take(supplierInvoice, other, 300)).not.toEqual(take(supplierInvoice, dataset, 300))
  })

  test('rows are made lazily: the first of a manufacturer’s volumes come at once', () => {
    const manufacturer = createDataset({ ...EMBEDDED_DATASET, scale: 1 })
    expect(take(materialDemand, manufacturer, 10)).toHaveLength(10)
    expect(volumesAt(1)).toMatchObject({
      parts: 300_000,
      retailers: 2_600,
      suppliers: 3_000,
      invoices: 500_000,
      vehicles: 400_000,
    })
  })

  test('rows at a larger scale are as the border wants them, too', () => {
    const manufacturer = createDataset({ ...EMBEDDED_DATASET, scale: 1 })
    for (const relation of ALL) expect(changedByBorder(relation, take(relation, manufacturer, 500))).toEqual([])
  })

  test('the embedded default has the volumes it promises', () => {
    const { partners } = dataset
    expect(rowsOf(part)).toHaveLength(3_000)
    expect(partners.retailers.filter(({ role }) => role === 'RETAILER')).toHaveLength(40)
    expect(partners.suppliers).toHaveLength(60)
    expect(rowsOf(supplierInvoice)).toHaveLength(5_000)
    expect(rowsOf(vehicleWholesale).filter(({ status }) => status !== 'CREDITED')).toHaveLength(1_500)
    expect(rowsOf(productionLine)).toHaveLength(8)
    const shifts = new Set(rowsOf(productionSchedule).map(row => `${row.lineCode} ${row.productionDate} ${row.shift}`))
    expect(shifts.size).toBe(8 * 28 * 2)
  })

  test('the sample partners have several pages of rows', () => {
    const [retailer] = dataset.partners.retailers
    const [supplier] = dataset.partners.suppliers
    expect([retailer?.client, supplier?.client, dataset.partners.internal.client]).toEqual([
      'sample-retailer',
      'sample-supplier',
      'sample-internal',
    ])
    expect(rowsOf(supplierInvoice).filter(row => row.supplierBpnl === supplier?.bpnl).length).toBeGreaterThanOrEqual(
      150,
    )
    expect(rowsOf(supplierPayment).filter(row => row.supplierBpnl === supplier?.bpnl).length).toBeGreaterThan(20)
    expect(rowsOf(vehicleWholesale).filter(row => row.retailerBpnl === retailer?.bpnl).length).toBeGreaterThan(60)
    expect(rowsOf(partsOrderLine).filter(row => row.retailerBpnl === retailer?.bpnl).length).toBeGreaterThan(100)
  })

  test('owners and sites of rows are partners and sites that exist', () => {
    const { retailers, suppliers, funders } = dataset.partners
    const known = new Set([...retailers, ...suppliers, ...funders].map(({ bpnl }) => bpnl))
    for (const relation of ALL.filter(({ access }) => access.kind === 'owned')) {
      const columns = accessColumns(relation.access)
      expect(rowsOf(relation).filter(row => !columns.every(column => known.has(String(row[column]))))).toEqual([])
    }
  })

  test('nothing has been updated after the instant that the data is as of', () => {
    for (const relation of ALL.filter(({ columns }) => 'lastUpdatedOn' in columns)) {
      expect(rowsOf(relation).filter(row => String(row.lastUpdatedOn) > EMBEDDED_DATASET.anchor)).toEqual([])
    }
  })

  test('refuses a scale, a seed, an anchor and a relation that cannot be', () => {
    for (const scale of [0, -1, 2.1, Number.NaN])
      expect(() => createDataset({ ...EMBEDDED_DATASET, scale })).toThrow(RangeError)
    expect(() => createDataset({ ...EMBEDDED_DATASET, seed: 0.5 })).toThrow('the seed must be a whole number')
    expect(() => createDataset({ ...EMBEDDED_DATASET, anchor: 'today' })).toThrow('the anchor "today" is not a time')
    const unknown = defineRelation('PARTS_LOGISTICS', 'unknown', {
      columns: { id: text() },
      key: ['id'],
      access: { kind: 'open' },
    })
    expect(() => dataset.rows(unknown)).toThrow('no rows are generated for unknown')
  })
})
