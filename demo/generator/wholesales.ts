import type { VehicleWholesaleRow, WholesaleFundingRow } from '../../src/systems/relations/wholesale-finance.ts'
import { money } from './amount.ts'
import type { Retailer } from './partners.ts'
import { type VehicleDraft, vehicles } from './vehicles.ts'
import type { World } from './world.ts'

/**
 * Vehicle wholesales and their funding. A vehicle that was credited and invoiced again has two wholesales, the earlier one
 * CREDITED; an unfunded wholesale has no funding row.
 */
interface Wholesale {
  readonly billingDocument: string
  readonly day: number
  readonly status: VehicleWholesaleRow['status']
  readonly funding: VehicleWholesaleRow['fundingStatus']
}

function wholesalesOf({ serial, wholesaleDay, status, funding, creditedDay }: VehicleDraft): readonly Wholesale[] {
  const live = { billingDocument: String(9_000_000_000 + serial), day: wholesaleDay, status, funding }
  if (creditedDay === null) return [live]
  const credited = {
    billingDocument: String(9_500_000_000 + serial),
    day: creditedDay - 20,
    status: 'CREDITED' as const,
  }
  return [{ ...credited, funding: serial % 3 === 0 ? 'UNFUNDED' : 'REPURCHASED' }, live]
}

/** Day on which the wholesale was settled or credited; null while it stands open. */
function settledDayOf(draft: VehicleDraft, { status, funding, day }: Wholesale): number | null {
  if (status === 'CREDITED') return draft.creditedDay
  return funding === 'SETTLED' ? Math.min(day + 5 + (draft.serial % 100), -1) : null
}

function wholesaleRow(
  world: World,
  retailer: Retailer,
  draft: VehicleDraft,
  wholesale: Wholesale,
): VehicleWholesaleRow {
  const { calendar } = world
  const { status, funding, day } = wholesale
  const paid = funding === 'ADOPTED' || funding === 'SETTLED'
  const updated = settledDayOf(draft, wholesale) ?? Math.min(day + 1 + (draft.serial % 9), 0)
  return {
    billingDocument: wholesale.billingDocument,
    vin: draft.vin,
    retailerBpnl: retailer.bpnl,
    modelDescription: draft.description,
    wholesaleDate: calendar.date(day),
    netAmount: money(draft.net),
    taxAmount: money(draft.tax),
    grossAmount: money(draft.net + draft.tax),
    currency: retailer.region.currency,
    status,
    // A vehicle on consignment has to be paid for before it is registered.
    registrationReleased: status === 'DELIVERED' && paid,
    fundingStatus: funding,
    lastUpdatedOn: calendar.past(updated, 6 * 60 + (draft.serial % 600)),
  }
}

function fundingRow(
  world: World,
  retailer: Retailer,
  draft: VehicleDraft,
  wholesale: Wholesale,
): WholesaleFundingRow | null {
  const { calendar, partners } = world
  const { funding: status, day, billingDocument } = wholesale
  const funder = partners.funders[retailer.index % partners.funders.length]
  if (status === 'UNFUNDED' || funder === undefined) return null
  const asked = status === 'FUNDING_REQUESTED' || status === 'DECLINED'
  const amount = money(draft.net + draft.tax)
  const settledDay = settledDayOf(draft, wholesale)
  return {
    billingDocument,
    retailerBpnl: retailer.bpnl,
    funderBpnl: funder.bpnl,
    funderName: funder.name,
    reference: asked ? null : `${funder.name.slice(0, 3).toUpperCase()}-${billingDocument}`,
    status,
    fundedAmount: asked ? null : amount,
    fundedOn: asked ? null : calendar.date(Math.min(day + 1, 0)),
    consignmentEndsOn: status === 'CONSIGNMENT' ? calendar.date(day + 120) : null,
    interestFreeUntil: status === 'CONSIGNMENT' || status === 'FUNDED' ? calendar.date(day + 60) : null,
    settledOn: settledDay === null ? null : calendar.date(settledDay),
    outstandingAmount: asked ? null : settledDay === null ? amount : money(0),
    currency: retailer.region.currency,
  }
}

export function* vehicleWholesales(world: World): Generator<VehicleWholesaleRow> {
  for (const [retailer, draft] of vehicles(world)) {
    for (const wholesale of wholesalesOf(draft)) yield wholesaleRow(world, retailer, draft, wholesale)
  }
}

export function* wholesaleFundings(world: World): Generator<WholesaleFundingRow> {
  for (const [retailer, draft] of vehicles(world)) {
    for (const wholesale of wholesalesOf(draft)) {
      const row = fundingRow(world, retailer, draft, wholesale)
      if (row !== null) yield row
    }
  }
}
