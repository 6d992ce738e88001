import type { Site } from '../model/directory.ts'
import type { Provenance } from '../model/provenance.ts'
import type { Partner, Viewer } from '../model/viewer.ts'
import type * as state from '../recovery/state.ts'
import type { RecordOf } from '../systems/record.ts'
import type * as parts from '../systems/relations/parts-logistics.ts'
import type * as production from '../systems/relations/production-schedule.ts'
import type * as finance from '../systems/relations/wholesale-finance.ts'

/**
 * What stands behind each type of the schema: a record of a restored system, or a value of the gateway's own. The
 * generated resolver types are checked against these.
 */
export type PartModel = RecordOf<typeof parts.part>
export type AvailabilityLineModel = RecordOf<typeof parts.partAvailability>
export type PartsOrderLineModel = RecordOf<typeof parts.partsOrderLine>
export type SupplierInvoiceModel = RecordOf<typeof finance.supplierInvoice>
export type SupplierInvoiceLineModel = RecordOf<typeof finance.supplierInvoiceLine>
export type SupplierPaymentModel = RecordOf<typeof finance.supplierPayment>
export type RemittanceLineModel = RecordOf<typeof finance.remittanceLine>
export type VehicleWholesaleModel = RecordOf<typeof finance.vehicleWholesale>
export type WholesaleFundingModel = RecordOf<typeof finance.wholesaleFunding>
export type ProductionLineModel = RecordOf<typeof production.productionLine>
export type ProductionScheduleEntryModel = RecordOf<typeof production.productionSchedule>
export type MaterialDemandModel = RecordOf<typeof production.materialDemand>
export type VehicleBuildModel = RecordOf<typeof production.vehicleBuild>

/** One part number of an enquiry, and the sites to look at; its fields read what they need. */
export interface AvailabilityModel {
  readonly id: string
  readonly requestedPartNumber: string
  readonly sites: readonly string[]
}

/** What a delivery holds of one order line. */
export interface DeliveryModel {
  readonly delivery: RecordOf<typeof parts.partsDelivery>
  readonly line: RecordOf<typeof parts.partsDeliveryLine>
}

export interface ConnectionModel<T> {
  readonly id: string
  readonly edges: readonly { readonly cursor: string; readonly node: T }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
  readonly provenance: Provenance
}
export type SupplierInvoiceConnectionModel = ConnectionModel<SupplierInvoiceModel>

export type SiteModel = Site
export type PartnerModel = Partner
export type ViewerModel = Viewer
export type RestoredSystemModel = state.SystemState
export type SiteRestartModel = state.SiteRestart
export type PlannedReopeningModel = state.PlannedReopening
/** The state of the restart with only those updates that the viewer may read. */
export type RestartStatusModel = state.RecoveryState
