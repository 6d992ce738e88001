import type { ProductionScheduleEntryResolvers } from '../src/graphql/schema.generated.ts'
import { productionLine } from '../src/systems/relations/production-schedule.ts'
import { quantity } from './money.ts'

/** UN/ECE Recommendation 20: piece. */
const PIECE = 'H87'

export const ProductionScheduleEntry: ProductionScheduleEntryResolvers = {
  line: (entry, _, { reads }) => reads.one(productionLine, [entry.lineCode], {}),
  plannedProductionQuantity: entry => quantity(String(entry.plannedQuantity), PIECE),
  confirmedQuantity: entry =>
    entry.confirmedQuantity === null ? null : quantity(String(entry.confirmedQuantity), PIECE),
  lastUpdatedOnDateTime: entry => entry.lastUpdatedOn,
}
