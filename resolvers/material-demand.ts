import type { MaterialDemandResolvers } from '../src/graphql/schema.generated.ts'
import { quantity } from './money.ts'

export const MaterialDemand: MaterialDemandResolvers = {
  materialNumberCustomer: demand => demand.partNumber,
  materialNumberSupplier: demand => demand.partnerMaterialNumber,
  customerLocation: (demand, _, { knowledge }) => knowledge.site(demand.customerLocationBpns),
  demand: demand => quantity(demand.quantity, demand.unit),
  lastUpdatedOnDateTime: demand => demand.lastUpdatedOn,
}
