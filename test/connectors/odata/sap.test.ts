import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { loadConfig } from '../../../src/config/load-config.ts'
import type { MappedConnector } from '../../../src/connectors/mapped-connector.ts'
import { createODataConnector } from '../../../src/connectors/odata/connector.ts'
import { sampleReads } from '../../../src/connectors/sample-reads.ts'
import { createCounters } from '../../../src/observe/counters.ts'
import type { AnyRelation, Condition, PageQuery } from '../../../src/systems/connector.ts'
import { partAvailability } from '../../../src/systems/relations/parts-logistics.ts'
import { supplierInvoice, supplierPayment, vehicleWholesale } from '../../../src/systems/relations/wholesale-finance.ts'
import { quietLog } from '../quiet-log.ts'
import { INVOICE_CASES, SAP_SERVICES } from './sap-services.ts'
import { type ODataServer, startODataServer } from './server.ts'

/** The example configuration for SAP, read as it stands, against services with SAP's names and types. */
const FILE = fileURLToPath(new URL('../../../config/sap-s4hana.yaml', import.meta.url))
const NOW = Date.parse('2025-10-08T06:00:00Z')
const [SUPPLIER_A, SUPPLIER_B, RETAILER] = ['BPNL00000S0001QZ', 'BPNL00000S0002QY', 'BPNL00000R000121'] as const
const [MERCIA_PARK, DONCASTER] = ['BPNS00000D00015V', 'BPNS00000D000256'] as const
const signal = new AbortController().signal

let server: ODataServer
let directory: string
let finance: MappedConnector
let parts: MappedConnector

beforeAll(async () => {
  server = await startODataServer({ version: 'V2', services: SAP_SERVICES, pageLimit: 10 })
  directory = await mkdtemp(join(tmpdir(), 'sap-'))
  const [suppliers, customers] = ['suppliers.csv', 'customers.csv'].map(name => join(directory, name))
  // Two numbers of one supplier.
  await writeFile(
    suppliers ?? '',
    `name,sap_supplier,bpnl\n"Arden, Ltd",100000,${SUPPLIER_A}\nArden,100001,${SUPPLIER_A}\nBrook,100007,${SUPPLIER_B}\n`,
  )
  await writeFile(customers ?? '', `sap_customer,bpnl\n200000,${RETAILER}\n`)
  const database = 'postgres://reader:secret@db.example/gateway'
  const config = await loadConfig(FILE, {
    ISSUER: 'https://id.example',
    SAP_URL: server.url,
    SAP_USER: 'GATEWAY',
    SAP_PASSWORD: 'secret',
    SAP_SUPPLIERS: suppliers,
    SAP_CUSTOMERS: customers,
    FINANCE_DATABASE_URL: database,
    PARTS_DATABASE_URL: database,
    JOURNAL_DATABASE_URL: database,
    KEY_RING_SHA256: 'ab'.repeat(32),
  })
  const connect = async (system: 'WHOLESALE_FINANCE' | 'PARTS_LOGISTICS', relations: readonly AnyRelation[]) => {
    const settings = config.systems[system].connectors.find(each => each.kind === 'odata')
    if (settings?.kind !== 'odata') throw new Error('the example has an OData connector')
    const { deadlineMs } = config.systems[system]
    return createODataConnector({
      system,
      settings,
      relations,
      deadlineMs,
      clock: { now: () => NOW },
      log: quietLog(),
      counters: createCounters(),
    })
  }
  finance = await connect('WHOLESALE_FINANCE', [supplierInvoice, supplierPayment, vehicleWholesale])
  parts = await connect('PARTS_LOGISTICS', [partAvailability])
})
afterAll(async () => {
  await Promise.all([finance?.close(), parts?.close(), server?.close()])
  await rm(directory, { recursive: true })
})

const page = (relation: AnyRelation, query: Partial<PageQuery> = {}) =>
  finance.page(relation, { visible: { kind: 'all' }, where: [], after: null, first: 100, ...query }, signal)
const key = (number: string) => ['1000', number, '2025']

test('every relation of the example fits what the services say of themselves', async () => {
  const inspections = [
    ...(await finance.inspect([supplierInvoice, supplierPayment, vehicleWholesale], signal)),
    ...(await parts.inspect([partAvailability], signal)),
  ]
  expect(inspections.map(({ problems }) => problems)).toEqual([[], [], [], []])
  expect(inspections.map(({ lookupsOnly }) => lookupsOnly)).toEqual([false, false, false, true])
  await expect(finance.proveReadOnly(signal)).resolves.toContain('only GET')
})

describe('the status of a supplier invoice', () => {
  test.each(INVOICE_CASES)('$fields cleared by $items is $status', async ({ number, status }) => {
    const query = { columns: supplierInvoice.key, keys: [key(number)], visible: { kind: 'all' } } as const
    const { rows } = await finance.lookup(supplierInvoice, query, signal)
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ status })
    expect(supplierInvoice.schema.safeParse(rows[0]).success).toBe(true)
  })

  test('is searched for in the gateway, across all pages that the service cuts', async () => {
    const where: Condition[] = [{ column: 'status', is: 'equal', value: 'PAID' }]
    const { rows, hasNextPage } = await page(supplierInvoice, { where, first: 2 })
    expect(rows.map(row => row.invoiceNumber)).toEqual(['5100000019', '5100000017'])
    expect(hasNextPage).toBe(true)
  })
})

test('an invoice is whole: amounts, orders, dates, and nothing for what SAP leaves empty', async () => {
  const { rows } = await finance.lookup(
    supplierInvoice,
    { columns: supplierInvoice.key, keys: [key('5100000015'), key('5100000018')], visible: { kind: 'all' } },
    signal,
  )
  const [open, partly] = rows.map(row => supplierInvoice.schema.parse(row))
  expect(open).toMatchObject({
    supplierBpnl: SUPPLIER_A,
    documentDate: '2025-10-01',
    grossAmount: '1200.50',
    openAmount: '600.25',
    purchaseOrders: ['4500000002', '4500000001'],
    netDueDate: '2025-11-30',
    paymentTerms: null,
    postingDate: null,
    paymentBlocked: false,
    lastUpdatedOn: '2025-10-08T06:00:00.000Z',
  })
  expect(partly).toMatchObject({ openAmount: '600.25', netDueDate: '2025-11-29', purchaseOrders: [] })
})

test('a supplier sees its own, asked for by every number that it has in SAP', async () => {
  server.requests.length = 0
  const visible = { kind: 'owner', columns: ['supplierBpnl'], value: SUPPLIER_A } as const
  const { rows } = await page(supplierInvoice, { visible })
  expect(new Set(rows.map(row => row.supplierBpnl))).toEqual(new Set([SUPPLIER_A]))
  expect(rows.length).toBe(Math.ceil(INVOICE_CASES.length / 2))
  const asked = new URLSearchParams(server.requests[0]?.split('?')[1]).get('$filter')
  expect(asked).toBe("InvoicingParty eq '0000100000' or InvoicingParty eq '0000100001'")
})

describe('what would be sent is shown with values that the mapping can ask for', () => {
  const shown = (connector: MappedConnector, relation: AnyRelation) =>
    new Map(
      sampleReads(relation).map(({ title, read }) => [
        title,
        connector.explain(relation, read).map(decodeURIComponent),
      ]),
    )

  test('an owner by its codes', () => {
    const [request] = shown(finance, supplierInvoice).get("first page of an owner's rows") ?? []
    expect(request).toContain("InvoicingParty eq '0000100000' or InvoicingParty eq '0000100001'")
    expect(request).not.toContain('BPNL')
  })

  test('a key by the parts that it is put together from', () => {
    const reads = shown(finance, supplierPayment)
    expect(reads.get('look-up by payment_id')?.[0]).toMatch(
      /AccountingDocument eq '\w+' and FiscalYear eq '\w+' and AccountingDocumentItem eq '\w+'/,
    )
    expect(reads.get("next page of an owner's rows")?.[0]).toMatch(/AccountingDocumentItem lt '\w+'/)
  })

  test('a site by its codes, and pages that a function has not are said to be so', async () => {
    const reads = shown(parts, partAvailability)
    const titles = [...reads.keys()].filter(title => title.includes('page'))
    expect(titles.length).toBeGreaterThan(2)
    for (const title of titles) expect(reads.get(title)).toEqual([expect.stringMatching(/^not possible: .*no pages/)])
    expect(reads.get('look-up by part_number')?.[0]).toContain('DetermineAvailabilityAt?')
  })
})

test('no bank account, and no field that is not mapped, is ever asked for', () => {
  expect(server.requests.length).toBeGreaterThan(5)
  expect(server.requests.join()).not.toContain('BPBankAccountInternalID')
})

test('a payment is identified, owned and read back by what it is put together from', async () => {
  const { rows } = await page(supplierPayment)
  expect(rows.map(row => supplierPayment.schema.parse(row))).toEqual([
    expect.objectContaining({
      paymentId: '2000000001-2025-001',
      kind: 'PREPAYMENT',
      channel: 'MANUAL',
      supplierBpnl: SUPPLIER_B,
    }),
    expect.objectContaining({
      paymentId: '1500000001-2025-001',
      kind: 'INVOICE_SETTLEMENT',
      channel: 'AUTOMATED',
      amount: '600.25',
      status: 'PENDING',
    }),
  ])
  const keys = [['1500000001-2025-001'], ['1500000001-2025-002'], ['1500000001']]
  const found = await finance.lookup(
    supplierPayment,
    { columns: ['paymentId'], keys, visible: { kind: 'all' } },
    signal,
  )
  expect(found.rows.map(row => row.paymentId)).toEqual(['1500000001-2025-001'])
  const first = await page(supplierPayment, { first: 1 })
  const next = await page(supplierPayment, { first: 1, after: ['2025-10-06', String(first.rows[0]?.paymentId)] })
  expect([first, next].map(({ rows }) => rows[0]?.paymentId)).toEqual(['2000000001-2025-001', '1500000001-2025-001'])
})

test('wholesales are the billing documents that name a vehicle', async () => {
  const { rows } = await page(vehicleWholesale)
  expect(rows.map(row => vehicleWholesale.schema.parse(row))).toEqual([
    expect.objectContaining({ billingDocument: '0090000002', status: 'CREDITED', fundingStatus: 'UNFUNDED' }),
    expect.objectContaining({
      billingDocument: '0090000001',
      status: 'INVOICED',
      fundingStatus: 'FUNDED',
      registrationReleased: true,
      retailerBpnl: RETAILER,
    }),
  ])
  await expect(finance.totals(vehicleWholesale, signal)).resolves.toMatchObject({
    rows: 2,
    sums: { grossAmount: '120000.000' },
  })
})

describe('availability', () => {
  const lookup = (sites: readonly string[]) =>
    parts.lookup(
      partAvailability,
      {
        columns: ['partNumber'],
        keys: [['LR100001'], ['LR100002']],
        visible: { kind: 'within', column: 'siteBpns', values: sites },
      },
      signal,
    )

  test('is one call per part and site that the viewer may see, joined with stock and backorders', async () => {
    server.requests.length = 0
    const { rows } = await lookup([MERCIA_PARK, DONCASTER, 'BPNS000000000000'])
    expect(rows.map(row => partAvailability.schema.parse(row))).toEqual([
      expect.objectContaining({
        partNumber: 'LR100001',
        siteBpns: MERCIA_PARK,
        quantityAvailableToPromise: '12.000',
        quantityInTransit: '6.500',
        quantityOnBackorder: '0.000',
        blocked: false,
        unit: 'H87',
      }),
      expect.objectContaining({
        partNumber: 'LR100001',
        siteBpns: DONCASTER,
        quantityOnBackorder: '9.000',
        blocked: true,
      }),
      expect.objectContaining({ partNumber: 'LR100002', siteBpns: MERCIA_PARK }),
      expect.objectContaining({ partNumber: 'LR100002', siteBpns: DONCASTER }),
    ])
    expect(server.requests.filter(path => path.includes('DetermineAvailabilityAt'))).toHaveLength(4)
    expect(
      server.requests.some(
        path =>
          path.includes("datetimeoffset'2025-10-08T06:00:00Z'") ||
          path.includes('datetimeoffset%272025-10-08T06%3A00%3A00Z%27'),
      ),
    ).toBe(true)
  })

  test('of no site is no call', async () => {
    server.requests.length = 0
    expect((await lookup([])).rows).toEqual([])
    expect(server.requests).toEqual([])
  })

  test('has no pages and no totals, which the error says', async () => {
    const query: PageQuery = { visible: { kind: 'all' }, where: [], after: null, first: 5 }
    await expect(parts.page(partAvailability, query, signal)).rejects.toThrow(
      'comes from a function, which answers lookups only',
    )
    await expect(parts.totals(partAvailability, signal)).rejects.toThrow('no pages and no totals')
  })
})
