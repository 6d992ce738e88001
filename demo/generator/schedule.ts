import type { Site } from '../../src/model/directory.ts'
import type {
  ProductionLineRow,
  ProductionScheduleRow,
  VehicleBuildRow,
} from '../../src/systems/relations/production-schedule.ts'
import {
  DEFENDER,
  DISCOVERY,
  DISCOVERY_SPORT,
  MODELS,
  RANGE_ROVER,
  RANGE_ROVER_EVOQUE,
  RANGE_ROVER_SPORT,
  RANGE_ROVER_VELAR,
} from './models.ts'
import { CASTLE_BROMWICH, HALEWOOD, HAMS_HALL, NITRA, SOLIHULL, WOLVERHAMPTON } from './sites.ts'
import { vehicles } from './vehicles.ts'
import type { World } from './world.ts'

/**
 * The production schedule: eight lines, four weeks of two shifts from the Monday of the anchor's week, and the vehicle
 * builds. Engines, batteries, pressings and paint come first, the vehicle lines follow plant by plant.
 */
interface Line {
  readonly code: string
  readonly site: Site
  readonly shop: ProductionLineRow['shop']
  readonly status: ProductionLineRow['status']
  /** Day of restart, from the anchor. */
  readonly restart: number
  /** Model codes, each with its full quantity per shift. */
  readonly models: readonly (readonly [code: string, perShift: number])[]
}

const LINES: readonly Line[] = [
  {
    code: 'WOL-PT-01',
    site: WOLVERHAMPTON,
    shop: 'POWERTRAIN',
    status: 'RESTARTED',
    restart: -1,
    models: [
      ['INGENIUM-4', 520],
      ['INGENIUM-6', 310],
    ],
  },
  {
    code: 'HAM-BA-01',
    site: HAMS_HALL,
    shop: 'BATTERY',
    status: 'RESTARTED',
    restart: -1,
    models: [['BATTERY-PHEV', 240]],
  },
  {
    code: 'CAB-ST-01',
    site: CASTLE_BROMWICH,
    shop: 'STAMPING',
    status: 'RESTARTED',
    restart: -1,
    models: [['PANELS-MLA', 900]],
  },
  { code: 'SOL-PA-01', site: SOLIHULL, shop: 'PAINT', status: 'RAMPING_UP', restart: -1, models: [['BODY-MLA', 260]] },
  {
    code: 'SOL-TF-01',
    site: SOLIHULL,
    shop: 'TRIM_AND_FINAL',
    status: 'PREPARING',
    restart: 1,
    models: [
      [RANGE_ROVER.code, 130],
      [RANGE_ROVER_SPORT.code, 125],
    ],
  },
  {
    code: 'NIT-TF-01',
    site: NITRA,
    shop: 'TRIM_AND_FINAL',
    status: 'PREPARING',
    restart: 2,
    models: [
      [DEFENDER.code, 190],
      [DISCOVERY.code, 45],
    ],
  },
  {
    code: 'SOL-TF-02',
    site: SOLIHULL,
    shop: 'TRIM_AND_FINAL',
    status: 'PAUSED',
    restart: 8,
    models: [[RANGE_ROVER_VELAR.code, 95]],
  },
  {
    code: 'HAL-TF-01',
    site: HALEWOOD,
    shop: 'TRIM_AND_FINAL',
    status: 'PAUSED',
    restart: 12,
    models: [
      [RANGE_ROVER_EVOQUE.code, 110],
      [DISCOVERY_SPORT.code, 60],
    ],
  },
]

const SCHEDULE_DAYS = 28
const SHIFTS = ['EARLY', 'LATE'] as const

export function* productionLines(): Generator<ProductionLineRow> {
  for (const { code, site, shop, status } of LINES) yield { lineCode: code, siteBpns: site.bpns, shop, status }
}

/** A line takes three weeks to its full quantity; Saturdays catch up at half, Sundays rest. */
function plannedQuantity(world: World, line: Line, day: number, perShift: number): number {
  const weekday = world.calendar.weekday(day)
  if (day < line.restart || weekday === 0) return 0
  return Math.round(perShift * Math.min(1, 0.3 + (day - line.restart) * 0.035) * (weekday === 6 ? 0.5 : 1))
}

function statusOn(line: Line, day: number): ProductionScheduleRow['status'] {
  if (day < line.restart) return 'CANCELLED'
  if (day < 0) return 'COMPLETED'
  if (day === 0) return 'IN_PRODUCTION'
  return day <= 5 ? 'RELEASED' : day <= 12 ? 'FIRMED' : 'PLANNED'
}

export function* productionSchedules(world: World): Generator<ProductionScheduleRow> {
  const { calendar } = world
  const monday = -((calendar.weekday(0) + 6) % 7)
  for (const [index, line] of LINES.entries()) {
    for (let day = monday; day < monday + SCHEDULE_DAYS; day++) {
      const random = world.random('schedule', index, day + 10)
      for (const shift of SHIFTS) {
        for (const [modelCode, perShift] of line.models) {
          const planned = plannedQuantity(world, line, day, perShift)
          const status = statusOn(line, day)
          yield {
            lineCode: line.code,
            productionDate: calendar.date(day),
            shift,
            modelCode,
            siteBpns: line.site.bpns,
            shop: line.shop,
            plannedQuantity: planned,
            confirmedQuantity: status === 'COMPLETED' ? Math.round(planned * (0.85 + 0.15 * random.unit())) : null,
            status,
            lastUpdatedOn: calendar.past(day < 0 ? day : -1, 21 * 60 + 30),
          }
        }
      }
    }
  }
}

/** Older builds have left the schedule. */
const BUILDS_KEPT = -90

/** Builds of recent vehicles, under the VIN of their wholesale, and builds to come, whose VIN is not given yet. */
export function* vehicleBuilds(world: World): Generator<VehicleBuildRow> {
  const { calendar } = world
  for (const [retailer, vehicle] of vehicles(world)) {
    const random = world.random('build', vehicle.serial)
    const common = { retailerBpnl: retailer.bpnl, lastUpdatedOn: calendar.past(-1, random.int(6 * 60, 20 * 60)) }
    if (vehicle.wholesaleDay >= BUILDS_KEPT) {
      const { builtDay } = vehicle
      yield {
        ...common,
        orderReference: vehicle.orderReference,
        vin: vehicle.vin,
        modelCode: vehicle.model.code,
        siteBpns: vehicle.model.plant.bpns,
        status: builtDay !== null ? 'COMPLETED' : random.chance(0.4) ? 'IN_PRODUCTION' : 'RELEASED',
        estimatedTimeOfCompletion:
          builtDay === null
            ? calendar.time(random.int(2, 21), random.int(6 * 60, 22 * 60))
            : calendar.past(builtDay, random.int(360, 1_300)),
      }
    }
    if (random.chance(0.2)) {
      const model = random.pick(MODELS)
      const status = random.weighted([
        ['PLANNED', 6],
        ['FIRMED', 3],
        ['CANCELLED', 1],
      ])
      yield {
        ...common,
        orderReference: `VO${40_000_000 + vehicle.serial}`,
        vin: null,
        modelCode: model.code,
        siteBpns: model.plant.bpns,
        status,
        estimatedTimeOfCompletion:
          status === 'CANCELLED' ? null : calendar.time(random.int(14, 70), random.int(6 * 60, 22 * 60)),
      }
    }
  }
}
