import type { MaterialDemandRow } from '../../src/systems/relations/production-schedule.ts'
import { quantity } from './amount.ts'
import { partKind, partNumberAt, suppliedPartAt, suppliedPartCount } from './parts.ts'
import { HALEWOOD, NITRA, SOLIHULL } from './sites.ts'
import type { World } from './world.ts'

/** Short-term material demand: for each supplier, the parts it supplies, per plant and working day of four weeks. */

const DEMAND_DAYS = 28
const CALL_OFF_DAYS = 5
const LOCATIONS = [SOLIHULL, NITRA, HALEWOOD] as const

export function* materialDemand(world: World): Generator<MaterialDemandRow> {
  const { calendar, partners, volumes } = world
  const days = Array.from({ length: DEMAND_DAYS }, (_, day) => day).filter(calendar.isWorkingDay)
  for (const supplier of partners.suppliers.slice(0, volumes.demandSuppliers)) {
    const parts = Math.min(volumes.demandPartsPerSupplier, suppliedPartCount(world, supplier.index))
    for (let n = 0; n < parts; n++) {
      const part = suppliedPartAt(world, supplier.index, n)
      const { unit } = partKind(world, part)
      const partNumber = partNumberAt(world, part)
      const partnerMaterialNumber = world.random('partner material', part).chance(0.9)
        ? `${supplier.referencePrefix}${String(7_000_000 + part)}`
        : null
      for (let location = 0; location < volumes.demandSitesPerPart; location++) {
        const random = world.random('demand', part, location)
        const site = LOCATIONS[(part + location) % LOCATIONS.length] ?? SOLIHULL
        const demandCategory = random.weighted([
          ['SERIES', 86],
          ['PHASE_IN', 5],
          ['AFTER_SALES', 4],
          ['EXTRAORDINARY_DEMAND', 3],
          ['PHASE_OUT', 2],
        ])
        const daily = random.int(20, 900)
        const lastUpdatedOn = calendar.past(0, random.int(60, 300))
        for (const day of days) {
          // Lines run up over the four weeks, and so does what they need.
          const ramp = 0.35 + (0.65 * day) / DEMAND_DAYS
          yield {
            supplierBpnl: supplier.bpnl,
            partNumber,
            customerLocationBpns: site.bpns,
            demandCategory,
            day: calendar.date(day),
            quantity: quantity(Math.round(daily * ramp * (0.9 + 0.2 * random.unit()))),
            unit,
            partnerMaterialNumber,
            callOff: day < CALL_OFF_DAYS,
            lastUpdatedOn,
          }
        }
      }
    }
  }
}
