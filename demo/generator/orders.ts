import type {
  PartsDeliveryLineRow,
  PartsDeliveryRow,
  PartsOrderLineRow,
  SiteServiceRow,
} from '../../src/systems/relations/parts-logistics.ts'
import { quantity } from './amount.ts'
import type { Retailer } from './partners.ts'
import { currentPartAt, currentPartCount, currentPartFor, partKind, partNumberAt, successorOf } from './parts.ts'
import type { Random } from './random.ts'
import { STORY } from './story.ts'
import type { World } from './world.ts'

/**
 * A retailer's parts orders, newest last, with the deliveries that carry what was despatched: everything of one order is
 * made together, so quantities agree. Orders of the outage are few and came by telephone.
 */
interface Order {
  readonly lines: readonly PartsOrderLineRow[]
  readonly deliveries: readonly PartsDeliveryRow[]
  readonly deliveryLines: readonly PartsDeliveryLineRow[]
}

type Progress = Pick<PartsOrderLineRow, 'status'> & { allocated: number; despatched: number; backorder: number }

const FIRST_ORDER = -60

/** Ever more as time goes on; most lie before the shutdown or after the return of parts logistics. */
function orderDay(share: number): number {
  const before = STORY.shutdown - FIRST_ORDER
  const after = -STORY.systemsBack
  const x = share ** 0.75 * (before + after + 2)
  if (x < before) return FIRST_ORDER + Math.floor(x)
  if (x < before + 2) return STORY.shutdown + Math.floor(((x - before) / 2) * (STORY.systemsBack - STORY.shutdown))
  return Math.min(STORY.systemsBack + Math.floor(x - before - 2), 0)
}

function statusOf(random: Random, day: number) {
  if (day < -5) {
    return random.weighted([
      ['DELIVERED', 86],
      ['BACKORDERED', 9],
      ['CANCELLED', 5],
    ])
  }
  if (day < -1) {
    return random.weighted([
      ['DESPATCHED', 55],
      ['DELIVERED', 20],
      ['PARTLY_ALLOCATED', 10],
      ['BACKORDERED', 15],
    ])
  }
  return random.weighted([
    ['RECEIVED', 35],
    ['ALLOCATED', 30],
    ['PICKED', 20],
    ['PARTLY_ALLOCATED', 15],
  ])
}

/** Ordered = allocated + despatched + on backorder, but for lines that are only received or cancelled. */
function progressOf(random: Random, day: number, ordered: number): Progress {
  const status = statusOf(random, day)
  const none = { status, allocated: 0, despatched: 0, backorder: 0 }
  const part = random.int(0, ordered - 1)
  switch (status) {
    case 'RECEIVED':
    case 'CANCELLED':
      return none
    case 'ALLOCATED':
    case 'PICKED':
      return { ...none, allocated: ordered }
    case 'PARTLY_ALLOCATED':
      return ordered === 1
        ? { ...none, status: 'BACKORDERED', backorder: 1 }
        : { ...none, allocated: part, backorder: ordered - part }
    case 'BACKORDERED':
      return random.chance(0.3)
        ? { ...none, despatched: part, backorder: ordered - part }
        : { ...none, backorder: ordered }
    case 'DESPATCHED':
    case 'DELIVERED':
      return { ...none, despatched: ordered }
    default:
      return status satisfies never
  }
}

function orderOf(world: World, retailer: Retailer, number: number, day: number, size: number): Order {
  const { calendar } = world
  const random = world.random('order', retailer.index, number)
  const id = `${String(retailer.index + 1).padStart(5, '0')}${String(number + 1).padStart(5, '0')}`
  const customerOrderId = `PO-${String(40_000 + number * 3 + random.int(0, 2))}`
  const orderedMinute = random.int(0, day === 0 ? 300 : 1_100)
  const orderClass = random.weighted([
    ['STOCK', 45],
    ['DAILY', 45],
    ['VEHICLE_OFF_ROAD', 10],
  ])
  const departure = Math.min(day + 1, -1)
  const arrival = Math.min(departure + random.int(1, 2), departure === -1 ? 1 : -1)
  const arrived = arrival < 0
  const deliveries = [1, 2].map(
    (part): PartsDeliveryRow => ({
      deliveryId: `DL${id}${part}`,
      retailerBpnl: retailer.bpnl,
      originBpns: (part === 1 ? retailer.region.served[0] : (retailer.region.served[1] ?? retailer.region.served[0]))
        .bpns,
      destinationBpns: retailer.bpns,
      trackingNumber: `TW${random.int(100_000_000, 999_999_999)}GB`,
      incoterm: retailer.role === 'IMPORTER' ? 'FCA' : 'DAP',
      departureAt: calendar.past(departure, 17 * 60 + part * 10),
      departureActual: true,
      arrivalAt: calendar.time(arrival, 9 * 60 + part * 10),
      arrivalActual: arrived,
    }),
  )
  const lines: PartsOrderLineRow[] = []
  const deliveryLines: PartsDeliveryLineRow[] = []
  for (let position = 1; position <= size; position++) {
    const drawn = random.chance(0.1)
      ? random.int(0, world.volumes.parts - 1)
      : currentPartAt(random.int(0, currentPartCount(world) - 1))
    const supplied = currentPartFor(drawn)
    const { unit } = partKind(world, drawn)
    const ordered = orderClass === 'STOCK' ? random.int(2, 40) : random.int(1, 4)
    const drawnProgress = progressOf(random, day, ordered)
    // What left with a delivery that has arrived is delivered; what is still on the road is not.
    const status =
      drawnProgress.status === 'DELIVERED' && !arrived
        ? 'DESPATCHED'
        : drawnProgress.status === 'DESPATCHED' && arrived
          ? 'DELIVERED'
          : drawnProgress.status
    const { allocated, despatched, backorder } = drawnProgress
    const open = allocated > 0 || backorder > 0
    lines.push({
      supplierOrderId: `SO${id}`,
      positionId: position * 10,
      customerOrderId,
      customerOrderPositionId: String(position),
      retailerBpnl: retailer.bpnl,
      orderClass,
      orderedAt: calendar.past(day, orderedMinute),
      partNumber: partNumberAt(world, drawn),
      suppliedPartNumber:
        successorOf(drawn) === null || status === 'RECEIVED' || status === 'CANCELLED'
          ? null
          : partNumberAt(world, supplied),
      quantityOrdered: quantity(ordered),
      quantityAllocated: quantity(allocated),
      quantityDespatched: quantity(despatched),
      quantityOnBackorder: quantity(backorder),
      unit,
      status,
      estimatedArrival: open
        ? calendar.time(calendar.workingDayFrom(random.int(backorder > 0 ? 4 : 1, backorder > 0 ? 25 : 3)), 9 * 60)
        : status === 'DESPATCHED'
          ? calendar.time(arrival, 9 * 60)
          : null,
      lastUpdatedOn: calendar.past(despatched > 0 ? Math.max(departure, Math.min(arrival, -1)) : day, 20 * 60),
    })
    const first = despatched > 1 && random.chance(0.15) ? random.int(1, despatched - 1) : despatched
    for (const [delivery, share] of [first, despatched - first].entries()) {
      if (share === 0) continue
      deliveryLines.push({
        deliveryId: `DL${id}${delivery + 1}`,
        line: position,
        retailerBpnl: retailer.bpnl,
        supplierOrderId: `SO${id}`,
        positionId: position * 10,
        partNumber: partNumberAt(world, supplied),
        quantity: quantity(share),
        unit,
      })
    }
  }
  const used = new Set(deliveryLines.map(line => line.deliveryId))
  return { lines, deliveries: deliveries.filter(delivery => used.has(delivery.deliveryId)), deliveryLines }
}

function* orders(world: World): Generator<Order> {
  for (const retailer of world.partners.retailers) {
    const total = retailer.orderLines.count
    const random = world.random('orders', retailer.index)
    for (let done = 0, number = 0; done < total; number++) {
      const size = Math.min(random.int(1, 8), total - done)
      yield orderOf(world, retailer, number, orderDay((done + random.unit() * size) / total), size)
      done += size
    }
  }
}

export function* partsOrderLines(world: World): Generator<PartsOrderLineRow> {
  for (const order of orders(world)) yield* order.lines
}

export function* partsDeliveries(world: World): Generator<PartsDeliveryRow> {
  for (const order of orders(world)) yield* order.deliveries
}

export function* partsDeliveryLines(world: World): Generator<PartsDeliveryLineRow> {
  for (const order of orders(world)) yield* order.deliveryLines
}

export function* siteServices(world: World): Generator<SiteServiceRow> {
  for (const retailer of world.partners.retailers) {
    for (const [index, site] of retailer.region.served.entries()) {
      yield { shipToBpns: retailer.bpns, siteBpns: site.bpns, retailerBpnl: retailer.bpnl, rank: index + 1 }
    }
  }
}
