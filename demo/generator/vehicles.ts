import type { VehicleWholesaleRow } from '../../src/systems/relations/wholesale-finance.ts'
import { MODELS, type Model } from './models.ts'
import type { Retailer } from './partners.ts'
import type { Random } from './random.ts'
import { STORY } from './story.ts'
import type { World } from './world.ts'

/**
 * A retailer's vehicles: one draft per VIN, which the wholesale, its funding and its build are all written from, so that
 * the systems agree. Days are counted from the anchor, amounts are whole pence or cents.
 */
export interface VehicleDraft {
  /** Unique among all vehicles. */
  readonly serial: number
  readonly vin: string
  readonly orderReference: string
  readonly model: Model
  readonly description: string
  readonly status: Exclude<VehicleWholesaleRow['status'], 'CREDITED'>
  readonly funding: VehicleWholesaleRow['fundingStatus']
  readonly wholesaleDay: number
  /** Day it left the line; null while it has not. */
  readonly builtDay: number | null
  readonly net: number
  readonly tax: number
  /** Day an earlier wholesale of this vehicle was credited; null where there was none. */
  readonly creditedDay: number | null
}

const YEAR = 364

/**
 * Six digits that jump about and never repeat below a million vehicles end the VIN: WMI `SAL`, five characters of
 * description and one that Europe leaves free, then year, plant and number (ISO 3779).
 */
function vinOf(random: Random, model: Model, serial: number, builtDay: number | null): string {
  const description = `${model.descriptor}${random.int(1, 9)}${random.pick(['A', 'B', 'C', 'E', 'K'])}${random.pick(['E', 'F', 'V', 'W'])}`
  const year = builtDay !== null && builtDay < -280 ? 'R' : builtDay !== null && builtDay < -60 ? 'S' : 'T'
  return `SAL${description}${random.int(1, 9)}${year}${model.plantCode}${String((serial * 617_371 + 104_729) % 1_000_000).padStart(6, '0')}`
}

/** Four weeks of orders and finished vehicles ahead of a year of wholesales, with hardly any in the outage. */
function drawDay(random: Random): number {
  const day = -Math.floor(random.unit() ** 1.15 * YEAR) - 1
  const inOutage = day >= STORY.shutdown && day < STORY.systemsBack
  return inOutage && random.chance(0.85) ? random.int(STORY.systemsBack, -1) : day
}

function statusAt(random: Random, day: number): VehicleDraft['status'] {
  if (day > -8) {
    return random.weighted([
      ['ORDERED', 25],
      ['BUILT', 25],
      ['INVOICED', 35],
      ['DESPATCHED', 15],
    ])
  }
  return day > -21 ? (random.chance(0.5) ? 'DESPATCHED' : 'DELIVERED') : 'DELIVERED'
}

function fundingOf(random: Random, status: VehicleDraft['status'], day: number): VehicleDraft['funding'] {
  switch (status) {
    case 'ORDERED':
    case 'BUILT':
      return 'UNFUNDED'
    case 'INVOICED':
      return random.weighted([
        ['FUNDING_REQUESTED', 55],
        ['CONSIGNMENT', 25],
        ['UNFUNDED', 15],
        ['DECLINED', 5],
      ])
    case 'DESPATCHED':
      return random.chance(0.7) ? 'CONSIGNMENT' : 'FUNDED'
    case 'DELIVERED':
      return day > -120
        ? random.weighted([
            ['CONSIGNMENT', 35],
            ['FUNDED', 20],
            ['ADOPTED', 20],
            ['SETTLED', 25],
          ])
        : random.weighted([
            ['ADOPTED', 15],
            ['SETTLED', 85],
          ])
    default:
      return status satisfies never
  }
}

function vehicleAt(world: World, retailer: Retailer, serial: number): VehicleDraft {
  const random = world.random('vehicle', serial)
  const model = random.pick(MODELS)
  const wholesaleDay = drawDay(random)
  const status = statusAt(random, wholesaleDay)
  // No line has moved since the shutdown: whatever is finished was finished before it.
  const builtDay =
    status === 'ORDERED' ? null : Math.min(wholesaleDay - random.int(3, 14), STORY.shutdown - random.int(1, 9))
  const net = Math.round(model.price * (1 + random.unit() * 0.45)) * 100
  const credited = status === 'DELIVERED' && wholesaleDay > -300 && random.chance(0.02)
  return {
    serial,
    vin: vinOf(random, model, serial, builtDay),
    orderReference: `VO${String(30_000_000 + serial)}`,
    model,
    description: random.pick(model.names),
    status,
    funding: fundingOf(random, status, wholesaleDay),
    wholesaleDay,
    builtDay,
    net,
    tax: retailer.region.currency === 'GBP' ? Math.round(net / 5) : 0,
    creditedDay: credited ? wholesaleDay - random.int(1, 10) : null,
  }
}

export function* vehicles(world: World): Generator<readonly [Retailer, VehicleDraft]> {
  for (const retailer of world.partners.retailers) {
    const { from, count } = retailer.vehicles
    for (let serial = from; serial < from + count; serial++) yield [retailer, vehicleAt(world, retailer, serial)]
  }
}
