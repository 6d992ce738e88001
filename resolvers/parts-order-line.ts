import type { PartsOrderLineResolvers } from '../src/graphql/schema.generated.ts'
import { partsDelivery, partsDeliveryLine } from '../src/systems/relations/parts-logistics.ts'
import { quantity } from './money.ts'

export const PartsOrderLine: PartsOrderLineResolvers = {
  quantityOrdered: line => quantity(line.quantityOrdered, line.unit),
  quantityAllocated: line => quantity(line.quantityAllocated, line.unit),
  quantityDespatched: line => quantity(line.quantityDespatched, line.unit),
  quantityOnBackorder: line => quantity(line.quantityOnBackorder, line.unit),
  lastUpdatedOnDateTime: line => line.lastUpdatedOn,
  deliveries: async ({ supplierOrderId, positionId }, _, { reads, facts }) => {
    const grant = { owner: facts.owner }
    const lines = await reads.many(
      partsDeliveryLine,
      ['supplierOrderId', 'positionId'],
      [supplierOrderId, positionId],
      grant,
    )
    const deliveries = await Promise.all(lines.map(line => reads.one(partsDelivery, [line.deliveryId], grant)))
    return lines.flatMap((line, index) => {
      const delivery = deliveries[index]
      return delivery ? [{ delivery, line }] : []
    })
  },
}
