import type { FieldContext } from '../src/graphql/context.ts'
import type { AvailabilityLineModel } from '../src/graphql/models.ts'
import type { PartAvailabilityLineResolvers, Quantity } from '../src/graphql/schema.generated.ts'
import { sumOf } from '../src/model/decimal.ts'
import { partStock } from '../src/systems/relations/parts-logistics.ts'
import { quantity } from './money.ts'

export const PartAvailabilityLine: PartAvailabilityLineResolvers = {
  site: (line, _, { knowledge }) => knowledge.site(line.siteBpns),
  quantityOnHand: (line, _, context) => stockOf(line, 'quantityOnHand', context),
  quantityAllocated: (line, _, context) => stockOf(line, 'quantityAllocated', context),
  quantityAvailableToPromise: line => quantity(line.quantityAvailableToPromise, line.unit),
  quantityInTransit: line => quantity(line.quantityInTransit, line.unit),
  quantityOnBackorder: line => quantity(line.quantityOnBackorder, line.unit),
  lastUpdatedOnDateTime: line => line.lastUpdatedOn,
}

/** Stock over all its statuses; null for viewers who may not see it, and where the site reports none. */
async function stockOf(
  line: AvailabilityLineModel,
  measure: 'quantityOnHand' | 'quantityAllocated',
  { reads, facts }: FieldContext,
): Promise<Quantity | null> {
  const grant = { sites: facts.sites, roles: facts.roles }
  const stock = await reads.many(partStock, ['partNumber', 'siteBpns'], [line.partNumber, line.siteBpns], grant)
  return stock.length === 0 ? null : quantity(sumOf(stock.map(row => row[measure])), line.unit)
}
