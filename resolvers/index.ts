import type { Resolvers } from '../src/graphql/schema.generated.ts'
import { BacklogMeasure } from './backlog-measure.ts'
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
import { RecoveryEvidence } from './recovery-evidence.ts'
import { RemittanceLine } from './remittance-line.ts'
import { RestartStatus } from './restart-status.ts'
import { RestoredSystem } from './restored-system.ts'
import { Site } from './site.ts'
import { SiteRestart } from './site-restart.ts'
import { Subscription } from './subscription.ts'
import { SupplierInvoice } from './supplier-invoice.ts'
import { SupplierInvoiceConnection } from './supplier-invoice-connection.ts'
import { SupplierInvoiceLine } from './supplier-invoice-line.ts'
import { SupplierPayment } from './supplier-payment.ts'
import { SupplierPosition } from './supplier-position.ts'
import { VehicleBuild } from './vehicle-build.ts'
import { VehicleWholesale } from './vehicle-wholesale.ts'
import { Viewer } from './viewer.ts'
import { WholesaleFunding } from './wholesale-funding.ts'

/** All resolvers, one file per object type. A field that is not here gives the parent's property of its name. */
export const resolvers: Resolvers = {
  BacklogMeasure,
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
  RecoveryEvidence,
  RemittanceLine,
  RestartStatus,
  RestoredSystem,
  Site,
  SiteRestart,
  Subscription,
  SupplierInvoice,
  SupplierInvoiceConnection,
  SupplierInvoiceLine,
  SupplierPayment,
  SupplierPosition,
  VehicleBuild,
  VehicleWholesale,
  Viewer,
  WholesaleFunding,
}
