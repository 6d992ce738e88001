import { createDataset } from '../../demo/generator/dataset.ts'
import type { Random } from '../../demo/generator/random.ts'
import { vehicleBuild } from '../../src/systems/relations/production-schedule.ts'
import { supplierInvoice, vehicleWholesale } from '../../src/systems/relations/wholesale-finance.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import type { Question } from '../support/gateway.ts'

/**
 * Questions whose answers belong to whoever asks, each with a canary in it, worded the same by all: pages of many lengths,
 * records by names that are one partner's own and that all the others ask for too, and what is refused.
 */
export const RETAILERS = ['sample-retailer', 'retailer-0002', 'retailer-0003', 'retailer-0004'] as const
export const SUPPLIERS = ['sample-supplier', 'supplier-0002', 'supplier-0003'] as const

const LONGEST = 12
const OF_EACH = 4

const { partners, rows } = createDataset(TEST_DATASET)
const ownersOf = (clients: readonly string[]) =>
  [...partners.retailers, ...partners.suppliers]
    .filter(({ client }) => clients.includes(client))
    .map(({ bpnl }) => bpnl)
const retailers = ownersOf(RETAILERS)
const suppliers = ownersOf(SUPPLIERS)
/** A few of each owner. */
const few = <T>(all: Iterable<T>, owners: readonly string[], ownerOf: (row: T) => string): readonly T[] => {
  const rowsOf = Map.groupBy(all, ownerOf)
  return owners.flatMap(owner => rowsOf.get(owner)?.slice(0, OF_EACH) ?? [])
}
const wholesaled = few(rows(vehicleWholesale), retailers, row => row.retailerBpnl).map(row => row.vin)
const built = few(
  [...rows(vehicleBuild)].filter(row => row.vin !== null),
  retailers,
  row => row.retailerBpnl,
).map(row => row.vin ?? '')
const invoiced = few(rows(supplierInvoice), suppliers, row => row.supplierBpnl).map(row => row.supplierInvoiceReference)

type Draw = (random: Random) => Question
const page =
  (query: string): Draw =>
  random => ({ query, variables: { first: random.int(1, LONGEST) } })
const named =
  (query: string, names: readonly string[]): Draw =>
  random => ({
    query,
    variables: { name: names[random.int(0, names.length - 1)] ?? '' },
  })

const INVOICES = page(
  'query ($first: Int!) { supplierInvoices(first: $first) { edges { node { paymentTerms lines { purchaseOrder } } } } }',
)
const WHOLESALES = page(
  'query ($first: Int!) { vehicleWholesales(first: $first) { edges { node { modelDescription funding { reference } } } } }',
)

const OF_RETAILERS: readonly Draw[] = [
  page(
    'query ($first: Int!) { partsOrderLines(first: $first) { edges { node { customerOrderPositionId deliveries { trackingNumber } } } } }',
  ),
  WHOLESALES,
  named('query ($name: VIN!) { vehicleWholesale(vin: $name) { modelDescription funding { reference } } }', wholesaled),
  named('query ($name: VIN!) { vehicleBuild(vin: $name) { modelCode } }', built),
]
const OF_SUPPLIERS: readonly Draw[] = [
  INVOICES,
  page(
    'query ($first: Int!) { supplierPayments(first: $first) { edges { node { remittanceAdviceReference remittance { supplierInvoiceReference } } } } }',
  ),
  page('query ($first: Int!) { materialDemands(first: $first) { edges { node { materialNumberSupplier } } } }'),
  named(
    'query ($name: String!) { supplierInvoiceByReference(supplierInvoiceReference: $name) { paymentTerms lines { purchaseOrder } } }',
    invoiced,
  ),
]

/** One in so many is the other kind of partner's, which is refused as a whole. */
const REFUSED = 0.02

export function questionFor(client: string, random: Random): Question {
  const isRetailer = RETAILERS.some(retailer => retailer === client)
  if (random.chance(REFUSED)) return (isRetailer ? INVOICES : WHOLESALES)(random)
  const draws = isRetailer ? OF_RETAILERS : OF_SUPPLIERS
  return (draws[random.int(0, draws.length - 1)] ?? INVOICES)(random)
}
