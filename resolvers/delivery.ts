import type { DeliveryResolvers, TransitEvent } from '../src/graphql/schema.generated.ts'
import { quantity } from './money.ts'

export const Delivery: DeliveryResolvers = {
  deliveryId: ({ delivery }) => delivery.deliveryId,
  quantity: ({ line }) => quantity(line.quantity, line.unit),
  origin: ({ delivery }, _, { knowledge }) => knowledge.site(delivery.originBpns),
  destination: ({ delivery }, _, { knowledge }) => knowledge.site(delivery.destinationBpns),
  trackingNumber: ({ delivery }) => delivery.trackingNumber,
  incoterm: ({ delivery }) => delivery.incoterm,
  events: ({ delivery }): readonly TransitEvent[] => {
    const { departureAt, departureActual, arrivalAt, arrivalActual } = delivery
    return [
      ...(departureAt === null
        ? []
        : [
            {
              eventType: departureActual ? 'ACTUAL_DEPARTURE' : 'ESTIMATED_DEPARTURE',
              dateTimeOfEvent: departureAt,
            } as const,
          ]),
      ...(arrivalAt === null
        ? []
        : [{ eventType: arrivalActual ? 'ACTUAL_ARRIVAL' : 'ESTIMATED_ARRIVAL', dateTimeOfEvent: arrivalAt } as const]),
    ]
  },
}
