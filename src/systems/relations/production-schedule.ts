import { DEMAND_CATEGORIES, SCHEDULE_STATUSES, SHOPS, SITE_RESTART_STATUSES } from '../../model/code-lists.ts'
import {
  boolean,
  bpnl,
  bpns,
  date,
  integer,
  oneOf,
  optional,
  partNumber,
  quantity,
  text,
  timestamp,
  unit,
  vin,
} from '../columns.ts'
import { defineRelation, type RowOf } from '../relation.ts'

/** The relations of the production schedule: lines, their schedule, material demand and vehicle builds. */

export const productionLine = defineRelation('PRODUCTION_SCHEDULE', 'production_line', {
  columns: { lineCode: text(20), siteBpns: bpns(), shop: oneOf(SHOPS), status: oneOf(SITE_RESTART_STATUSES) },
  key: ['lineCode'],
  access: { kind: 'open' },
})
export type ProductionLineRow = RowOf<typeof productionLine>

/** Site and shop are copied from the line, so that a list can be filtered by them in one read. */
export const productionSchedule = defineRelation('PRODUCTION_SCHEDULE', 'production_schedule', {
  columns: {
    lineCode: text(20),
    productionDate: date(),
    shift: text(10),
    modelCode: text(20),
    siteBpns: bpns(),
    shop: oneOf(SHOPS),
    plannedQuantity: integer(),
    confirmedQuantity: optional(integer()),
    status: oneOf(SCHEDULE_STATUSES),
    lastUpdatedOn: timestamp(),
  },
  key: ['lineCode', 'productionDate', 'shift', 'modelCode'],
  access: { kind: 'open' },
  order: { by: ['productionDate'], direction: 'ascending' },
  sums: ['plannedQuantity'],
})
export type ProductionScheduleRow = RowOf<typeof productionSchedule>

/** Catena-X ShortTermMaterialDemand: a demand is not a call-off. */
export const materialDemand = defineRelation('PRODUCTION_SCHEDULE', 'material_demand', {
  columns: {
    supplierBpnl: bpnl(),
    partNumber: partNumber(),
    customerLocationBpns: bpns(),
    demandCategory: oneOf(DEMAND_CATEGORIES),
    day: date(),
    quantity: quantity(),
    unit: unit(),
    partnerMaterialNumber: optional(text(40)),
    callOff: boolean(),
    lastUpdatedOn: timestamp(),
  },
  key: ['supplierBpnl', 'partNumber', 'customerLocationBpns', 'demandCategory', 'day'],
  access: { kind: 'owned', columns: ['supplierBpnl'] },
  order: { by: ['day'], direction: 'ascending' },
  sums: ['quantity'],
})
export type MaterialDemandRow = RowOf<typeof materialDemand>

export const vehicleBuild = defineRelation('PRODUCTION_SCHEDULE', 'vehicle_build', {
  columns: {
    orderReference: text(20),
    vin: optional(vin()),
    retailerBpnl: bpnl(),
    modelCode: text(20),
    siteBpns: bpns(),
    status: oneOf(SCHEDULE_STATUSES),
    estimatedTimeOfCompletion: optional(timestamp()),
    lastUpdatedOn: timestamp(),
  },
  key: ['orderReference'],
  access: { kind: 'owned', columns: ['retailerBpnl'] },
  lookups: [['vin']],
})
export type VehicleBuildRow = RowOf<typeof vehicleBuild>

export const PRODUCTION_SCHEDULE_RELATIONS = [productionLine, productionSchedule, materialDemand, vehicleBuild] as const
