import type { PartAvailabilityRow, PartStockRow } from '../../src/systems/relations/parts-logistics.ts'
import { quantity } from './amount.ts'
import { partKind, partNumberAt, successorOf, usesUpOldStock } from './parts.ts'
import { MERCIA_PARK, PARTS_SITES } from './sites.ts'
import type { World } from './world.ts'

/**
 * Stock and availability of each part at each site that stocks it: about three of ten part and site pairs. Both relations
 * read the same holding, so what may be promised is unrestricted stock less what is allocated.
 */
interface Holding {
  readonly siteBpns: string
  readonly unrestricted: number
  readonly allocated: number
  readonly inInspection: number
  /** All of the site's stock is blocked: nothing can be promised there. */
  readonly blocked: number
  readonly inTransit: number
  readonly onBackorder: number
  readonly daysOfSupply: string | null
  readonly nextInboundOn: string | null
  readonly lastUpdatedOn: string
}

function* holdingsOf(world: World, index: number): Generator<Holding> {
  const superseded = successorOf(index) !== null
  if (superseded && !usesUpOldStock(world, index)) return
  const random = world.random('stock', index)
  const dailyUse = random.unit() ** 3 * 40 + 0.2
  for (const site of PARTS_SITES) {
    const central = site === MERCIA_PARK
    if (!random.chance(superseded ? (central ? 0.3 : 0) : central ? 0.9 : 0.25)) continue
    const onHand = random.chance(0.12) ? 0 : Math.ceil(dailyUse * random.int(1, 30) * (central ? 6 : 1))
    const blocked = onHand > 0 && random.chance(0.03)
    const unrestricted = blocked ? 0 : onHand
    const allocated = Math.floor(unrestricted * (random.chance(0.08) ? 1 : random.unit() * 0.5))
    const promised = unrestricted - allocated
    const inTransit =
      !superseded && random.chance(promised === 0 ? 0.8 : 0.3) ? Math.ceil(dailyUse * random.int(3, 20)) : 0
    yield {
      siteBpns: site.bpns,
      unrestricted,
      allocated,
      inInspection: random.chance(0.03) ? random.int(1, 20) : 0,
      blocked: blocked ? onHand : 0,
      inTransit,
      onBackorder: promised === 0 && !superseded ? random.int(0, 25) : 0,
      daysOfSupply: superseded ? null : Math.min(promised / dailyUse, 9_999).toFixed(2),
      nextInboundOn: inTransit === 0 ? null : world.calendar.date(world.calendar.workingDayFrom(random.int(1, 20))),
      lastUpdatedOn: world.calendar.past(-1, 24 * 60 + random.int(-300, 329)),
    }
  }
}

export function* partStock(world: World): Generator<PartStockRow> {
  for (let index = 0; index < world.volumes.parts; index++) {
    const partNumber = partNumberAt(world, index)
    const { unit } = partKind(world, index)
    for (const holding of holdingsOf(world, index)) {
      const row = (stockStatus: PartStockRow['stockStatus'], onHand: number, allocated: number): PartStockRow => ({
        partNumber,
        siteBpns: holding.siteBpns,
        stockStatus,
        quantityOnHand: quantity(onHand),
        quantityAllocated: quantity(allocated),
        unit,
        lastUpdatedOn: holding.lastUpdatedOn,
      })
      yield row('UNRESTRICTED', holding.unrestricted, holding.allocated)
      if (holding.inInspection > 0) yield row('QUALITY_INSPECTION', holding.inInspection, 0)
      if (holding.blocked > 0) yield row('BLOCKED', holding.blocked, 0)
    }
  }
}

export function* partAvailability(world: World): Generator<PartAvailabilityRow> {
  for (let index = 0; index < world.volumes.parts; index++) {
    const partNumber = partNumberAt(world, index)
    const { unit } = partKind(world, index)
    for (const holding of holdingsOf(world, index)) {
      yield {
        partNumber,
        siteBpns: holding.siteBpns,
        quantityAvailableToPromise: quantity(holding.unrestricted - holding.allocated),
        quantityInTransit: quantity(holding.inTransit),
        quantityOnBackorder: quantity(holding.onBackorder),
        blocked: holding.blocked > 0,
        daysOfSupply: holding.daysOfSupply,
        nextInboundOn: holding.nextInboundOn,
        unit,
        lastUpdatedOn: holding.lastUpdatedOn,
      }
    }
  }
}
