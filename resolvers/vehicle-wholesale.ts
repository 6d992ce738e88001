import type { VehicleWholesaleModel } from '../src/graphql/models.ts'
import type { VehicleWholesaleResolvers } from '../src/graphql/schema.generated.ts'
import { wholesaleFunding } from '../src/systems/relations/wholesale-finance.ts'
import { money } from './money.ts'

export const VehicleWholesale: VehicleWholesaleResolvers = {
  netAmount: wholesale => money(wholesale.netAmount, wholesale.currency),
  taxAmount: wholesale => money(wholesale.taxAmount, wholesale.currency),
  grossAmount: wholesale => money(wholesale.grossAmount, wholesale.currency),
  funding: (wholesale, _, { reads, facts }) =>
    reads.one(wholesaleFunding, [wholesale.billingDocument], { owner: facts.owner }),
  lastUpdatedOnDateTime: wholesale => wholesale.lastUpdatedOn,
}

/** A vehicle has one wholesale that counts: the live one, or the last that was credited where none is. */
export function liveWholesale(wholesales: readonly VehicleWholesaleModel[]): VehicleWholesaleModel | null {
  const live = wholesales.find(wholesale => wholesale.status !== 'CREDITED')
  return live ?? wholesales.toSorted((a, b) => (a.wholesaleDate < b.wholesaleDate ? 1 : -1))[0] ?? null
}
