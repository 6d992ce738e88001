import {
  PARTS_ORDER_CLASSES,
  PARTS_ORDER_LINE_STATUSES,
  STOCK_STATUSES,
  SUPERSESSION_KINDS,
} from '../../model/code-lists.ts'
import {
  boolean,
  bpnl,
  bpns,
  char,
  date,
  decimal,
  integer,
  oneOf,
  optional,
  partNumber,
  quantity,
  text,
  texts,
  timestamp,
  unit,
} from '../columns.ts'
import { defineRelation, type RowOf } from '../relation.ts'

/** The relations of parts logistics: the parts catalogue, stock and availability, order lines and deliveries. */

export const part = defineRelation('PARTS_LOGISTICS', 'part', {
  columns: {
    partNumber: partNumber(),
    description: text(),
    baseUnit: unit(),
    supersededByPartNumber: optional(partNumber()),
    supersessionKind: optional(oneOf(SUPERSESSION_KINDS)),
    effectiveFrom: optional(date()),
    useUpOldStock: boolean(),
    active: boolean(),
  },
  key: ['partNumber'],
  access: { kind: 'open' },
})
export type PartRow = RowOf<typeof part>

/** One row per superseded part: where its chain ends, so that a chain of any length costs one read. */
export const partSupersession = defineRelation('PARTS_LOGISTICS', 'part_supersession', {
  columns: {
    partNumber: partNumber(),
    currentPartNumber: partNumber(),
    /** Every part number from this one to the current one, oldest first. */
    chain: texts(),
  },
  key: ['partNumber'],
  access: { kind: 'open' },
})
export type PartSupersessionRow = RowOf<typeof partSupersession>

export const partStock = defineRelation('PARTS_LOGISTICS', 'part_stock', {
  columns: {
    partNumber: partNumber(),
    siteBpns: bpns(),
    stockStatus: oneOf(STOCK_STATUSES),
    quantityOnHand: quantity(),
    quantityAllocated: quantity(),
    unit: unit(),
    lastUpdatedOn: timestamp(),
  },
  key: ['partNumber', 'siteBpns', 'stockStatus'],
  access: { kind: 'privileged', column: 'siteBpns', roles: ['INTERNAL', 'IMPORTER'] },
  lookups: [['partNumber'], ['partNumber', 'siteBpns']],
  sums: ['quantityOnHand', 'quantityAllocated'],
})
export type PartStockRow = RowOf<typeof partStock>

export const partAvailability = defineRelation('PARTS_LOGISTICS', 'part_availability', {
  columns: {
    partNumber: partNumber(),
    siteBpns: bpns(),
    quantityAvailableToPromise: quantity(),
    quantityInTransit: quantity(),
    quantityOnBackorder: quantity(),
    blocked: boolean(),
    daysOfSupply: optional(decimal(7, 2)),
    nextInboundOn: optional(date()),
    unit: unit(),
    lastUpdatedOn: timestamp(),
  },
  key: ['partNumber', 'siteBpns'],
  access: { kind: 'sited', column: 'siteBpns' },
  lookups: [['partNumber']],
  sums: ['quantityAvailableToPromise'],
})
export type PartAvailabilityRow = RowOf<typeof partAvailability>

/** Which sites serve a retailer's delivery address, in order of rank. */
export const siteService = defineRelation('PARTS_LOGISTICS', 'site_service', {
  columns: { shipToBpns: bpns(), siteBpns: bpns(), retailerBpnl: bpnl(), rank: integer() },
  key: ['shipToBpns', 'siteBpns'],
  access: { kind: 'owned', columns: ['retailerBpnl'] },
  lookups: [['shipToBpns']],
})
export type SiteServiceRow = RowOf<typeof siteService>

export const partsOrderLine = defineRelation('PARTS_LOGISTICS', 'parts_order_line', {
  columns: {
    supplierOrderId: text(20),
    positionId: integer(),
    customerOrderId: text(35),
    customerOrderPositionId: text(10),
    retailerBpnl: bpnl(),
    orderClass: oneOf(PARTS_ORDER_CLASSES),
    orderedAt: timestamp(),
    partNumber: partNumber(),
    suppliedPartNumber: optional(partNumber()),
    quantityOrdered: quantity(),
    quantityAllocated: quantity(),
    quantityDespatched: quantity(),
    quantityOnBackorder: quantity(),
    unit: unit(),
    status: oneOf(PARTS_ORDER_LINE_STATUSES),
    estimatedArrival: optional(timestamp()),
    lastUpdatedOn: timestamp(),
  },
  key: ['supplierOrderId', 'positionId'],
  access: { kind: 'owned', columns: ['retailerBpnl'] },
  order: { by: ['orderedAt'], direction: 'descending' },
  sums: ['quantityOrdered', 'quantityOnBackorder'],
})
export type PartsOrderLineRow = RowOf<typeof partsOrderLine>

export const partsDelivery = defineRelation('PARTS_LOGISTICS', 'parts_delivery', {
  columns: {
    deliveryId: text(20),
    retailerBpnl: bpnl(),
    originBpns: bpns(),
    destinationBpns: bpns(),
    trackingNumber: optional(text(40)),
    incoterm: optional(char(3)),
    departureAt: optional(timestamp()),
    departureActual: boolean(),
    arrivalAt: optional(timestamp()),
    arrivalActual: boolean(),
  },
  key: ['deliveryId'],
  access: { kind: 'owned', columns: ['retailerBpnl'] },
})
export type PartsDeliveryRow = RowOf<typeof partsDelivery>

export const partsDeliveryLine = defineRelation('PARTS_LOGISTICS', 'parts_delivery_line', {
  columns: {
    deliveryId: text(20),
    line: integer(),
    retailerBpnl: bpnl(),
    supplierOrderId: text(20),
    positionId: integer(),
    partNumber: partNumber(),
    quantity: quantity(),
    unit: unit(),
  },
  key: ['deliveryId', 'line'],
  access: { kind: 'owned', columns: ['retailerBpnl'] },
  lookups: [['supplierOrderId', 'positionId']],
  sums: ['quantity'],
})
export type PartsDeliveryLineRow = RowOf<typeof partsDeliveryLine>

export const PARTS_LOGISTICS_RELATIONS = [
  part,
  partSupersession,
  partStock,
  partAvailability,
  siteService,
  partsOrderLine,
  partsDelivery,
  partsDeliveryLine,
] as const
