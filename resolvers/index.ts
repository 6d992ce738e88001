import type { Resolvers } from '../src/graphql/schema.generated.ts'
import { Delivery } from './delivery.ts'
import { MaterialDemand } from './material-demand.ts'
import { Part } from './part.ts'
import { PartAvailability } from './part-availability.ts'
import { PartAvailabilityLine } from './part-availability-line.ts'
import { Partner } from './partner.ts'
import { PartsOrderLine } from './parts-order-line.ts'
import { PlannedReopening } from './planned-reopening.ts'
import { ProductionLine } from './production-line.ts'
import { ProductionScheduleEntry } from './production-schedule-entry.ts'
import { Query } from './query.ts'
import { RemittanceLine } from './remittance-line.ts'
import { RestartStatus } from './restart-status.ts'
import { RestoredSystem } from './restored-system.ts'
import { Site } from './site.ts'
import { SiteRestart } from './site-restart.ts'
import { SupplierInvoice } from './supplier-invoice.ts'
import { SupplierInvoiceConnection } from './supplier-invoice-connection.ts'
import { SupplierInvoiceLine } from './supplier-invoice-line.ts'
import { SupplierPayment } from './supplier-payment.ts'
import { VehicleBuild } from './vehicle-build.ts'
import { VehicleWholesale } from './vehicle-wholesale.ts'
import { Viewer } from './viewer.ts'
import { WholesaleFunding } from './wholesale-funding.ts'

/** All resolvers, one file per object type. A field that is not here gives the parent's property of its name. */
export const resolvers: Resolvers = {
  Delivery,
  MaterialDemand,
  Part,
  PartAvailability,
  PartAvailabilityLine,
  Partner,
  PartsOrderLine,
  PlannedReopening,
  ProductionLine,
  ProductionScheduleEntry,
  Query,
  RemittanceLine,
  RestartStatus,
  RestoredSystem,
  Site,
  SiteRestart,
  SupplierInvoice,
  SupplierInvoiceConnection,
  SupplierInvoiceLine,
  SupplierPayment,
  VehicleBuild,
  VehicleWholesale,
  Viewer,
  WholesaleFunding,
}
