import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createDataset, EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { fillServerDatabase } from '../../demo/server-database.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'
import { type PostgresServer, postgresBinaries, startPostgres } from '../support/postgres.ts'

/**
 * A partner cannot tell where a system's relations come from: a gateway over a real PostgreSQL server, as a user that
 * may only read, answers byte for byte what a gateway over extracts answers.
 */
const binaries = postgresBinaries()

/** One question per root field of the restored systems, with everything below it. */
const QUESTIONS: readonly (readonly [client: string, query: string])[] = [
  [
    'sample-retailer',
    '{ part(partNumber: "LR071050") { id description supersession { chain effectiveFrom } provenance { asOf gapFrom } } }',
  ],
  [
    'sample-internal',
    '{ partAvailability(partNumbers: ["LR106259", "LR453679", "NONE", "LR024120"]) { outcome lines { site { bpns } quantityOnHand { value } quantityAllocated { value } quantityAvailableToPromise { value unit } daysOfSupply nextInboundOn lastUpdatedOnDateTime } } }',
  ],
  [
    'sample-retailer',
    '{ partAvailability(partNumbers: ["LR106259"], shipToBpns: "BPNS00000R000121") { lines { site { name } } } }',
  ],
  [
    'sample-retailer',
    '{ partsOrderLines(first: 60) { edges { cursor node { id customerOrderId status quantityOrdered { value } estimatedArrival deliveries { deliveryId events { eventType dateTimeOfEvent } } } } pageInfo { hasNextPage endCursor } } }',
  ],
  [
    'sample-supplier',
    '{ supplierInvoices(first: 60, filter: { dueUntil: "2025-10-20", status: [ACCEPTED, PAID, PARTIALLY_PAID] }) { totalOpen { amount } edges { cursor node { id purchaseOrders statusReasons openAmount { amount } lines { line netAmount { amount } } payments { remittedAmount { amount } payment { endToEndId status } } } } pageInfo { endCursor } } }',
  ],
  [
    'sample-supplier',
    '{ supplierInvoices(first: 20, filter: { overdueOnly: true, purchaseOrder: "4500004749" }) { edges { node { id } } } }',
  ],
  [
    'sample-supplier',
    '{ supplierInvoiceByReference(supplierInvoiceReference: "AL-020156") { documentDate receivedAt lastUpdatedOnDateTime } }',
  ],
  [
    'sample-supplier',
    '{ supplierPayments(first: 50) { edges { cursor node { id valueDate remittance { supplierInvoiceReference invoice { id } } } } } }',
  ],
  [
    'sample-supplier',
    '{ supplierPosition { open { amount currency } overdue { amount currency } ageing { fromDays count amount { amount } } oldestOpenInvoice { id } } }',
  ],
  [
    'sample-retailer',
    '{ vehicleWholesales(first: 100, filter: { wholesaleFrom: "2025-06-01" }) { edges { cursor node { vin grossAmount { amount } funding { status fundedOn outstandingAmount { amount } } } } } }',
  ],
  [
    'sample-retailer',
    '{ vehicleWholesale(vin: "SALCA3EF5SH104729") { status funding { funderName } } vehicleBuild(vin: "SALWA9AW9TA426326") { status estimatedTimeOfCompletion } }',
  ],
  [
    'sample-internal',
    '{ productionSchedule(first: 100, filter: { from: "2025-10-06", shop: [TRIM_AND_FINAL, POWERTRAIN] }) { edges { cursor node { shift plannedProductionQuantity { value } line { code status } } } pageInfo { endCursor } } }',
  ],
  [
    'sample-supplier',
    '{ materialDemands(first: 100) { edges { cursor node { day materialNumberSupplier demand { value } demandCategory } } pageInfo { hasNextPage } } }',
  ],
]

if (binaries === null) test.skip('a gateway over a real PostgreSQL server: apt-get install postgresql', () => {})
else {
  let server: PostgresServer
  let gateways: readonly DeclaredGateway[] = []
  beforeAll(async () => {
    server = await startPostgres(binaries)
    await fillServerDatabase({
      connectionString: server.connectionString,
      dataset: createDataset(EMBEDDED_DATASET),
      systems: SYSTEM_KEYS,
      replace: false,
      reader: 'reader',
    })
    const { port } = new URL(server.connectionString)
    const connectorOf = (key: string) => ({
      deadlineMs: 5_000,
      connector: {
        kind: 'postgres',
        connectionString: `postgres://reader@127.0.0.1:${port}/postgres`,
        schema: key.toLowerCase(),
        connectTimeoutMs: 5_000,
      },
    })
    const systems = Object.fromEntries(SYSTEM_KEYS.map(key => [key, connectorOf(key)]))
    gateways = [await startGateway(), await startGateway({ settings: { systems } })]
    for (const { recovery } of gateways) {
      const { state } = recovery.current()
      const { PRODUCTION_SCHEDULE } = state.systems
      recovery.declare({
        ...state,
        systems: { ...state.systems, PRODUCTION_SCHEDULE: { ...PRODUCTION_SCHEDULE, lifecycle: 'OPEN' } },
      })
    }
  }, 60_000)
  afterAll(async () => {
    for (const gateway of gateways) await gateway.close()
    await server.stop()
  })

  const named = QUESTIONS.map(([client, query]) => [client, /\w+/.exec(query)?.[0], query] as const)
  test.each(named)('answers %s the same about %s over PostgreSQL as over extracts', async (client, _field, query) => {
    const [extracts, postgres] = await Promise.all(gateways.map(gateway => gateway.ask(client, { query })))
    expect(extracts?.body.errors).toBeUndefined()
    expect(Object.values(extracts?.body.data)).not.toContain(null)
    expect(postgres?.text).toBe(extracts?.text)
  })
}
