import type { Site } from '../model/directory.ts'
import type { Provenance } from '../model/provenance.ts'
import type { Partner, Viewer } from '../model/viewer.ts'
import type { Evidence } from '../recovery/reading/evidence.ts'
import type * as state from '../recovery/state.ts'
import type { BacklogMeasure, SystemState } from '../recovery/system-state.ts'
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

interface MoneyModel {
  readonly amount: string
  readonly currency: string
}

/** What the finance system says; when the backlog is expected to be cleared comes from the gateway's own journal. */
export interface SupplierPositionModel {
  readonly open: readonly MoneyModel[]
  readonly overdue: readonly MoneyModel[]
  readonly ageing: readonly {
    readonly fromDays: number
    readonly toDays: number | null
    readonly count: number
    readonly amount: MoneyModel
  }[]
  readonly oldestOpenInvoice: SupplierInvoiceModel | null
  readonly provenance: Provenance
}

export type SiteModel = Site
export type PartnerModel = Partner
export type ViewerModel = Viewer
export type RestoredSystemModel = SystemState
export type SiteRestartModel = state.SiteRestart
export type PlannedReopeningModel = state.PlannedReopening
export type RecoveryEvidenceModel = Evidence
export type BacklogMeasureModel = BacklogMeasure
/** The state of the restart with only those updates and planned reopenings that are meant for the viewer. */
export type RestartStatusModel = state.RecoveryState
