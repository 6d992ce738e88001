import type { AnyRelation } from '../../src/systems/connector.ts'
import type { Row, RowOf } from '../../src/systems/relation.ts'
import {
  part,
  partAvailability,
  partStock,
  partSupersession,
  partsDelivery,
  partsDeliveryLine,
  partsOrderLine,
  siteService,
} from '../../src/systems/relations/parts-logistics.ts'
import {
  materialDemand,
  productionLine,
  productionSchedule,
  vehicleBuild,
} from '../../src/systems/relations/production-schedule.ts'
import {
  remittanceLine,
  supplierInvoice,
  supplierInvoiceLine,
  supplierPayment,
  vehicleWholesale,
  wholesaleFunding,
} from '../../src/systems/relations/wholesale-finance.ts'
import { materialDemand as demandRows } from './demand.ts'
import { remittanceLines, supplierInvoiceLines, supplierInvoices, supplierPayments } from './ledger.ts'
import { partsDeliveries, partsDeliveryLines, partsOrderLines, siteServices } from './orders.ts'
import type { Partners } from './partners.ts'
import { partSupersessions, parts } from './parts.ts'
import { productionLines, productionSchedules, vehicleBuilds } from './schedule.ts'
import { partAvailability as availabilityRows, partStock as stockRows } from './stock.ts'
import { EMBEDDED_SCALE, type Volumes } from './volumes.ts'
import { vehicleWholesales, wholesaleFundings } from './wholesales.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

/**
 * Data for every relation of every system, made row by row and never held: equal options give equal rows, and rows of
 * different relations agree. The embedded default, the committed extracts and the benchmarks all come from here.
 */
export interface Dataset {
  readonly options: WorldOptions
  readonly volumes: Volumes
  readonly partners: Partners
  /** All rows of a relation, lazily, in an order of their own. Throws a RangeError for a relation it does not know. */
  rows<R extends AnyRelation>(relation: R): Iterable<RowOf<R> & Row>
}

/** What `npm start` serves without a configuration. */
export const EMBEDDED_DATASET = {
  seed: 1,
  scale: EMBEDDED_SCALE,
  anchor: '2025-10-08T05:30:00.000Z',
} as const satisfies WorldOptions

type Source = readonly [AnyRelation, (world: World) => Iterable<Row>]

/** Ties a relation to the generator of its rows; the compiler holds the two together. */
const source = <R extends AnyRelation>(relation: R, rows: (world: World) => Iterable<RowOf<R> & Row>): Source => [
  relation,
  rows,
]

const SOURCES = new Map([
  source(part, parts),
  source(partSupersession, partSupersessions),
  source(partStock, stockRows),
  source(partAvailability, availabilityRows),
  source(siteService, siteServices),
  source(partsOrderLine, partsOrderLines),
  source(partsDelivery, partsDeliveries),
  source(partsDeliveryLine, partsDeliveryLines),
  source(supplierInvoice, supplierInvoices),
  source(supplierInvoiceLine, supplierInvoiceLines),
  source(supplierPayment, supplierPayments),
  source(remittanceLine, remittanceLines),
  source(vehicleWholesale, vehicleWholesales),
  source(wholesaleFunding, wholesaleFundings),
  source(productionLine, productionLines),
  source(productionSchedule, productionSchedules),
  source(materialDemand, demandRows),
  source(vehicleBuild, vehicleBuilds),
])

/** Throws a RangeError or TypeError for options that cannot be. */
export function createDataset(options: WorldOptions): Dataset {
  const world = createWorld(options)
  return {
    options,
    volumes: world.volumes,
    partners: world.partners,
    rows<R extends AnyRelation>(relation: R) {
      const rows = SOURCES.get(relation)
      if (rows === undefined) throw new RangeError(`no rows are generated for ${relation.name}`)
      return { [Symbol.iterator]: () => rows(world)[Symbol.iterator]() } as Iterable<RowOf<R> & Row>
    },
  }
}
