import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createDataset } from '../../demo/generator/dataset.ts'
import { part, partAvailability } from '../../src/systems/relations/parts-logistics.ts'
import { supplierInvoice, vehicleWholesale } from '../../src/systems/relations/wholesale-finance.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { type Answer, startGateway, type TestGateway } from '../support/gateway.ts'

/** What the users do, through everything but the socket, checked against the data that was generated. */

const dataset = createDataset(TEST_DATASET)
const RETAILER = 'BPNL00000R000121'
const SUPPLIER = 'BPNL00000S0001QZ'
const invoices = [...dataset.rows(supplierInvoice)].filter(invoice => invoice.supplierBpnl === SUPPLIER)

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

describe("a retailer's enquiry", () => {
  const parts = [...dataset.rows(part)]
  const superseded = parts.filter(row => row.supersededByPartNumber !== null).slice(0, 12)
  const current = parts.filter(row => row.supersededByPartNumber === null).slice(0, 24)
  const unknown = ['UNKNOWN-1', 'UNKNOWN-2', 'UNKNOWN-3', 'UNKNOWN-4']
  // Asked in no order of its own, with the unknown among the known.
  const asked = [...current, ...superseded]
    .map(row => row.partNumber)
    .flatMap((number, index) => (index % 9 === 0 ? [unknown[index / 9] ?? 'UNKNOWN-5', number] : [number]))
  const query = `query ($parts: [PartNumber!]!) {
    partAvailability(partNumbers: $parts) {
      requestedPartNumber
      outcome
      part { description supersession { currentPartNumber chain } }
      lines { site { bpns } quantityAvailableToPromise { value unit } lastUpdatedOnDateTime }
      provenance { system asOf origin gapFrom gapUntil }
    }
  }`
  let answer: Answer
  let reads: readonly string[]
  beforeAll(async () => {
    gateway.reads.length = 0
    answer = await gateway.ask('sample-retailer', { query, variables: { parts: asked } })
    reads = [...gateway.reads]
  })

  test('of 40 part numbers is answered in the order asked', () => {
    expect(asked).toHaveLength(40)
    expect(answer.status).toBe(200)
    expect(answer.body.errors).toBeUndefined()
    expect(
      answer.body.data.partAvailability.map((entry: { requestedPartNumber: string }) => entry.requestedPartNumber),
    ).toEqual(asked)
  })

  test('reads each relation once, whatever the length of the list', () => {
    expect(reads.toSorted()).toEqual(['lookup part', 'lookup part_availability', 'lookup part_supersession'])
  })

  test('shows availability to promise at the sites that serve the retailer, nearest first, and nowhere else', () => {
    const sites = gateway.app.recovery.current().state.partners.get(RETAILER)?.entry.sites ?? []
    const rows = [...dataset.rows(partAvailability)]
    for (const entry of answer.body.data.partAvailability) {
      const expected = rows
        .filter(row => row.partNumber === entry.requestedPartNumber && sites.includes(row.siteBpns))
        .toSorted((a, b) => sites.indexOf(a.siteBpns) - sites.indexOf(b.siteBpns))
      expect(entry.lines).toEqual(
        expected.map(row => ({
          site: { bpns: row.siteBpns },
          quantityAvailableToPromise: { value: row.quantityAvailableToPromise, unit: row.unit },
          lastUpdatedOnDateTime: row.lastUpdatedOn,
        })),
      )
    }
    expect(answer.body.data.partAvailability.some((entry: { lines: unknown[] }) => entry.lines.length > 1)).toBe(true)
  })

  test('names unknown parts and where the chain of a superseded one ends', () => {
    const byNumber = new Map<
      string,
      { outcome: string; part: { supersession: { currentPartNumber: string; chain: string[] } } | null }
    >(
      answer.body.data.partAvailability.map((entry: { requestedPartNumber: string }) => [
        entry.requestedPartNumber,
        entry,
      ]),
    )
    for (const number of unknown)
      expect(byNumber.get(number)).toMatchObject({ outcome: 'UNKNOWN_PART', part: null, lines: [] })
    for (const row of superseded) {
      const { chain = [], currentPartNumber } = byNumber.get(row.partNumber)?.part?.supersession ?? {}
      expect(chain[0]).toBe(row.partNumber)
      expect(chain[1]).toBe(row.supersededByPartNumber)
      expect(chain.at(-1)).toBe(currentPartNumber)
      expect(parts.find(candidate => candidate.partNumber === currentPartNumber)?.supersededByPartNumber).toBeNull()
    }
  })

  test('says which system answered, as of when, and what may be missing', () => {
    const known = answer.body.data.partAvailability.find((entry: { outcome: string }) => entry.outcome === 'AVAILABLE')
    expect(known.provenance).toMatchObject({
      system: 'PARTS_LOGISTICS',
      asOf: TEST_DATASET.anchor,
      origin: 'SYSTEM',
    })
    expect(Date.parse(known.provenance.gapFrom)).toBeLessThan(Date.parse(known.provenance.gapUntil))
  })

  test('asked again is answered from the field cache, byte for byte, without a read', async () => {
    gateway.reads.length = 0
    const again = await gateway.ask('sample-retailer', { query, variables: { parts: asked } })
    expect(again.text).toBe(answer.text)
    expect(gateway.reads).toEqual([])
  })

  test('for one delivery address looks at the sites that serve it, and refuses the address of another', async () => {
    const enquiry =
      'query ($to: BPNS!) { partAvailability(partNumbers: ["LR106259"], shipToBpns: $to) { lines { site { bpns } } } }'
    const own = await gateway.ask('sample-retailer', { query: enquiry, variables: { to: 'BPNS00000R000121' } })
    expect(own.body.errors).toBeUndefined()
    const other = await gateway.ask('sample-retailer', { query: enquiry, variables: { to: 'BPNS00000R00021C' } })
    expect(other.body.errors[0].extensions.code).toBe('BAD_USER_INPUT')
    expect(other.body.data.partAvailability).toBeNull()
  })
})

describe('a supplier', () => {
  const query = `query ($after: String, $filter: SupplierInvoiceFilter) {
    supplierInvoices(first: 7, after: $after, filter: $filter) {
      edges { cursor node {
        supplierInvoiceReference documentDate netDueDate grossAmount { amount currency } openAmount { amount }
        payments { supplierInvoiceReference remittedAmount { amount } payment { endToEndId remittance { supplierInvoiceReference } } }
      } }
      pageInfo { hasNextPage hasPreviousPage endCursor }
      provenance { asOf }
    }
  }`
  async function pageThrough(
    filter: object | null,
  ): Promise<readonly { supplierInvoiceReference: string; documentDate: string }[]> {
    const seen: { supplierInvoiceReference: string; documentDate: string }[] = []
    let after: string | null = null
    for (;;) {
      const answer: Answer = await gateway.ask('sample-supplier', { query, variables: { after, filter } })
      expect(answer.body.errors).toBeUndefined()
      const { edges, pageInfo } = answer.body.data.supplierInvoices
      expect(pageInfo.hasPreviousPage).toBe(after !== null)
      seen.push(...edges.map((edge: { node: { supplierInvoiceReference: string; documentDate: string } }) => edge.node))
      if (!pageInfo.hasNextPage) return seen
      after = pageInfo.endCursor
    }
  }

  test('pages through all its invoices with their payments and remittance, newest first, each once', async () => {
    const seen = await pageThrough(null)
    expect(seen.map(invoice => invoice.supplierInvoiceReference).toSorted()).toEqual(
      invoices.map(invoice => invoice.supplierInvoiceReference).toSorted(),
    )
    expect(seen.map(invoice => invoice.documentDate)).toEqual(
      seen
        .map(invoice => invoice.documentDate)
        .toSorted()
        .reverse(),
    )
    expect(seen.length).toBeGreaterThan(30)
  })

  test.each(['dueFrom', 'dueUntil'])('filters by %s as the data says', async bound => {
    const day = '2025-10-01'
    const seen = await pageThrough({ [bound]: day })
    const expected = invoices.filter(
      ({ netDueDate }) => netDueDate !== null && (bound === 'dueFrom' ? netDueDate >= day : netDueDate <= day),
    )
    expect(seen.map(invoice => invoice.supplierInvoiceReference).toSorted()).toEqual(
      expected.map(invoice => invoice.supplierInvoiceReference).toSorted(),
    )
    expect(expected.length).toBeGreaterThan(0)
  })

  test('filters by the time of the last change and by what is overdue on the day of the data', async () => {
    const since = '2025-10-01T00:00:00Z'
    const changed = await pageThrough({ updatedSince: since })
    expect(changed.length).toBe(
      invoices.filter(invoice => invoice.lastUpdatedOn >= new Date(since).toISOString()).length,
    )
    const overdue = await pageThrough({ overdueOnly: true })
    expect(overdue.length).toBe(
      invoices.filter(
        ({ openAmount, netDueDate }) => Number(openAmount) > 0 && netDueDate !== null && netDueDate < '2025-10-08',
      ).length,
    )
  })

  test("never sees another's invoice, by its reference neither", async () => {
    const others = [...dataset.rows(supplierInvoice)].filter(invoice => invoice.supplierBpnl !== SUPPLIER).slice(0, 20)
    for (const { supplierInvoiceReference } of others) {
      const answer = await gateway.ask('sample-supplier', {
        query: 'query ($r: String!) { supplierInvoiceByReference(supplierInvoiceReference: $r) { id } }',
        variables: { r: supplierInvoiceReference },
      })
      expect(answer.body).toEqual({ data: { supplierInvoiceByReference: null } })
    }
  })

  test('is told FORBIDDEN, with the field and the scope, where a retailer asks in its place', async () => {
    const answer = await gateway.ask('sample-retailer', { query, variables: {} })
    expect(answer.status).toBe(403)
    expect(answer.body.data).toBeUndefined()
    expect(answer.body.errors[0].extensions).toMatchObject({
      code: 'FORBIDDEN',
      fields: [{ field: 'Query.supplierInvoices', missingScopes: ['payments:read'] }],
    })
  })

  test('is owed what its open invoices add up to', async () => {
    const answer = await gateway.ask('sample-supplier', {
      query:
        '{ supplierPosition { open { amount currency } ageing { count amount { amount currency } } oldestOpenInvoice { documentDate } } }',
    })
    const open = invoices.filter(invoice => Number(invoice.openAmount) !== 0)
    for (const { amount, currency } of answer.body.data.supplierPosition.open) {
      const pence = open
        .filter(invoice => invoice.currency === currency)
        .reduce((sum, invoice) => sum + BigInt(invoice.openAmount.replace('.', '')), 0n)
      expect(BigInt(amount.replace('.', ''))).toBe(pence)
    }
    expect(answer.body.data.supplierPosition.oldestOpenInvoice.documentDate).toBe(
      open.map(invoice => invoice.documentDate).toSorted()[0],
    )
  })
})

describe('a vehicle', () => {
  const wholesales = [...dataset.rows(vehicleWholesale)]
  const query = 'query ($vin: VIN!) { vehicleWholesale(vin: $vin) { vin status funding { status funderName } } }'

  test('of another retailer is the same as one that does not exist', async () => {
    const foreign = wholesales.find(row => row.retailerBpnl !== RETAILER)?.vin ?? ''
    const [another, none] = await Promise.all(
      [foreign, 'SALVA2AE4EH877322'].map(vin => gateway.ask('sample-retailer', { query, variables: { vin } })),
    )
    expect(another?.text).toBe('{"data":{"vehicleWholesale":null}}')
    expect(none?.text).toBe(another?.text)
  })

  test('of its own is answered with its funding', async () => {
    const own = wholesales.find(row => row.retailerBpnl === RETAILER && row.status !== 'CREDITED')
    const answer = await gateway.ask('sample-retailer', { query, variables: { vin: own?.vin } })
    expect(answer.body.data.vehicleWholesale).toMatchObject({
      vin: own?.vin,
      status: own?.status,
      funding: { status: own?.fundingStatus },
    })
  })
})

describe('one operation over all three systems', () => {
  const query = `{
    part(partNumber: "LR106259") { description }
    vehicleWholesales(first: 1) { edges { node { vin } } }
    build: vehicleBuild(vin: "SALWA9AW9TA426326") { status }
  }`

  test('answers what is open and nulls what is not, with a typed error, under status 200', async () => {
    const answer = await gateway.ask('sample-retailer', { query })
    expect(answer.status).toBe(200)
    expect(answer.body.data.part.description).toBeTruthy()
    expect(answer.body.data.vehicleWholesales.edges).toHaveLength(1)
    expect(answer.body.data.build).toBeNull()
    expect(answer.body.errors).toEqual([
      {
        message: 'Production schedule is not open.',
        path: ['build'],
        extensions: expect.objectContaining({
          code: 'SYSTEM_NOT_OPEN',
          system: 'PRODUCTION_SCHEDULE',
          lifecycle: 'VERIFIED',
          nextUpdateBy: '2025-10-08T12:00:00.000Z',
        }),
      },
    ])
  })

  test('is closed to a partner outside the wave for the system of the first wave only', async () => {
    const answer = await gateway.ask('retailer-0002', { query })
    expect(answer.body.data.part).not.toBeNull()
    expect(answer.body.data.vehicleWholesales).toBeNull()
    expect(
      answer.body.errors.map((error: { path: string[]; extensions: { lifecycle: string } }) => [
        error.path[0],
        error.extensions.lifecycle,
      ]),
    ).toEqual([
      ['build', 'VERIFIED'],
      ['vehicleWholesales', 'LIMITED_OPEN'],
    ])
  })
})
