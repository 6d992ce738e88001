import {
  FUNDING_STATUSES,
  INVOICE_ACTIONS,
  INVOICE_STATUS_REASONS,
  INVOICE_STATUSES,
  INVOICE_TYPES,
  PAYMENT_CHANNELS,
  PAYMENT_KINDS,
  PAYMENT_STATUSES,
  WHOLESALE_STATUSES,
} from '../../model/code-lists.ts'
import {
  boolean,
  bpnl,
  char,
  currency,
  date,
  integer,
  money,
  oneOf,
  optional,
  partNumber,
  quantity,
  someOf,
  text,
  texts,
  timestamp,
  unit,
  vin,
} from '../columns.ts'
import { defineRelation, type RowOf } from '../relation.ts'

/** The relations of wholesale finance: supplier invoices, payments and remittance; vehicle wholesales and their funding. */

const invoiceKey = { companyCode: char(4), invoiceNumber: char(10), fiscalYear: char(4) } as const

export const supplierInvoice = defineRelation('WHOLESALE_FINANCE', 'supplier_invoice', {
  columns: {
    ...invoiceKey,
    supplierBpnl: bpnl(),
    supplierInvoiceReference: text(35),
    type: oneOf(INVOICE_TYPES),
    documentDate: date(),
    receivedAt: optional(timestamp()),
    postingDate: optional(date()),
    grossAmount: money(),
    openAmount: money(),
    currency: currency(),
    purchaseOrders: texts(),
    paymentTerms: optional(text(40)),
    netDueDate: optional(date()),
    status: oneOf(INVOICE_STATUSES),
    statusReasons: someOf(INVOICE_STATUS_REASONS),
    requestedAction: optional(oneOf(INVOICE_ACTIONS)),
    paymentBlocked: boolean(),
    expectedPaymentDate: optional(date()),
    lastUpdatedOn: timestamp(),
  },
  key: ['companyCode', 'invoiceNumber', 'fiscalYear'],
  access: { kind: 'owned', columns: ['supplierBpnl'] },
  lookups: [['supplierInvoiceReference']],
  order: { by: ['documentDate'], direction: 'descending' },
  sums: ['grossAmount', 'openAmount'],
})
export type SupplierInvoiceRow = RowOf<typeof supplierInvoice>

export const supplierInvoiceLine = defineRelation('WHOLESALE_FINANCE', 'supplier_invoice_line', {
  columns: {
    ...invoiceKey,
    line: integer(),
    supplierBpnl: bpnl(),
    purchaseOrder: text(10),
    purchaseOrderItem: text(5),
    partNumber: optional(partNumber()),
    quantity: quantity(),
    unit: unit(),
    netAmount: money(),
    currency: currency(),
  },
  key: ['companyCode', 'invoiceNumber', 'fiscalYear', 'line'],
  access: { kind: 'owned', columns: ['supplierBpnl'] },
  lookups: [['companyCode', 'invoiceNumber', 'fiscalYear']],
  sums: ['netAmount'],
})
export type SupplierInvoiceLineRow = RowOf<typeof supplierInvoiceLine>

export const supplierPayment = defineRelation('WHOLESALE_FINANCE', 'supplier_payment', {
  columns: {
    paymentId: text(20),
    supplierBpnl: bpnl(),
    kind: oneOf(PAYMENT_KINDS),
    channel: oneOf(PAYMENT_CHANNELS),
    amount: money(),
    currency: currency(),
    requestedExecutionDate: date(),
    valueDate: optional(date()),
    endToEndId: text(35),
    status: oneOf(PAYMENT_STATUSES),
    statusReasonCode: optional(text(4)),
    remittanceAdviceReference: optional(text(35)),
    lastUpdatedOn: timestamp(),
  },
  key: ['paymentId'],
  access: { kind: 'owned', columns: ['supplierBpnl'] },
  order: { by: ['requestedExecutionDate'], direction: 'descending' },
  sums: ['amount'],
})
export type SupplierPaymentRow = RowOf<typeof supplierPayment>

/** A line of a remittance advice; a prepayment has no invoice yet. */
export const remittanceLine = defineRelation('WHOLESALE_FINANCE', 'remittance_line', {
  columns: {
    paymentId: text(20),
    line: integer(),
    supplierBpnl: bpnl(),
    companyCode: optional(invoiceKey.companyCode),
    invoiceNumber: optional(invoiceKey.invoiceNumber),
    fiscalYear: optional(invoiceKey.fiscalYear),
    supplierInvoiceReference: text(35),
    duePayableAmount: money(),
    discountApplied: optional(money()),
    adjustment: optional(money()),
    remittedAmount: money(),
    currency: currency(),
  },
  key: ['paymentId', 'line'],
  access: { kind: 'owned', columns: ['supplierBpnl'] },
  lookups: [['paymentId'], ['companyCode', 'invoiceNumber', 'fiscalYear']],
  sums: ['remittedAmount'],
})
export type RemittanceLineRow = RowOf<typeof remittanceLine>

/** One live row per VIN: a credited wholesale keeps its row beside the one that replaced it. */
export const vehicleWholesale = defineRelation('WHOLESALE_FINANCE', 'vehicle_wholesale', {
  columns: {
    billingDocument: char(10),
    vin: vin(),
    retailerBpnl: bpnl(),
    modelDescription: text(80),
    wholesaleDate: date(),
    netAmount: money(),
    taxAmount: money(),
    grossAmount: money(),
    currency: currency(),
    status: oneOf(WHOLESALE_STATUSES),
    registrationReleased: boolean(),
    fundingStatus: oneOf(FUNDING_STATUSES),
    lastUpdatedOn: timestamp(),
  },
  key: ['billingDocument'],
  access: { kind: 'owned', columns: ['retailerBpnl'] },
  lookups: [['vin']],
  order: { by: ['wholesaleDate'], direction: 'descending' },
  sums: ['grossAmount'],
})
export type VehicleWholesaleRow = RowOf<typeof vehicleWholesale>

export const wholesaleFunding = defineRelation('WHOLESALE_FINANCE', 'wholesale_funding', {
  columns: {
    billingDocument: char(10),
    retailerBpnl: bpnl(),
    funderBpnl: bpnl(),
    funderName: text(80),
    reference: optional(text(35)),
    status: oneOf(FUNDING_STATUSES),
    fundedAmount: optional(money()),
    fundedOn: optional(date()),
    consignmentEndsOn: optional(date()),
    interestFreeUntil: optional(date()),
    settledOn: optional(date()),
    outstandingAmount: optional(money()),
    currency: currency(),
  },
  key: ['billingDocument'],
  access: { kind: 'owned', columns: ['retailerBpnl', 'funderBpnl'] },
  sums: ['fundedAmount', 'outstandingAmount'],
})
export type WholesaleFundingRow = RowOf<typeof wholesaleFunding>

export const WHOLESALE_FINANCE_RELATIONS = [
  supplierInvoice,
  supplierInvoiceLine,
  supplierPayment,
  remittanceLine,
  vehicleWholesale,
  wholesaleFunding,
] as const
