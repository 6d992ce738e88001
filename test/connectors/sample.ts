import type { AnyRelation, RowFilter } from '../../src/systems/connector.ts'
import type { Row } from '../../src/systems/relation.ts'
import {
  part,
  partAvailability,
  partStock,
  partSupersession,
  partsDelivery,
  partsOrderLine,
} from '../../src/systems/relations/parts-logistics.ts'
import { productionSchedule } from '../../src/systems/relations/production-schedule.ts'
import { remittanceLine, supplierInvoice, wholesaleFunding } from '../../src/systems/relations/wholesale-finance.ts'

/**
 * The data of the connector contract: few rows with everything that connectors get wrong. Composite keys, two owners,
 * sites, nulls, lists, decimals that floats would confuse, ties in the order, text that languages sort differently.
 */
export const AS_OF = '2025-10-08T05:30:00.000Z'

const SITES = ['BPNS00000P0001MR', 'BPNS00000P0002M2', 'BPNS00000P0003PX'] as const
const [RETAILER_A, RETAILER_B] = ['BPNL00000R000121', 'BPNL00000R0002ZZ'] as const
const [SUPPLIER_A, SUPPLIER_B] = ['BPNL00000S0001QZ', 'BPNL00000S0002QY'] as const
const FUNDER = 'BPNL00000F0001AA'
const UPDATED = '2025-10-08T05:30:00.000Z'

/** Sorts differently by language, by UTF-16 unit and by code point; breaks careless SQL, CSV and JSON Lines. */
const NASTY = [
  'Z1',
  'a1',
  'É1',
  'é1',
  '\u{FF5E}x',
  '\u{1F600}x',
  "O'Brien",
  "'; DROP TABLE x--",
  'semi;colon',
  'quo"te',
  'comma,x',
  'line\nbreak',
  'back\\slash',
  '100%_',
  ' lead',
  'trail ',
  '$1',
  'NULL',
  '{}',
  '\ufffd',
] as const

const day = (n: number) => new Date(Date.UTC(2025, 8, 1 + n)).toISOString().slice(0, 10)
const range = <T>(length: number, row: (index: number) => T): T[] => Array.from({ length }, (_, index) => row(index))
const nth = <T>(values: readonly T[], index: number): T => values[index % values.length] as T

const SAMPLE_ROWS: readonly (readonly [AnyRelation, readonly Row[]])[] = [
  [
    part,
    range(12, n => ({
      partNumber: `LR10${1000 + n}`,
      description: `${nth(NASTY, n)} bracket`,
      baseUnit: 'C62',
      supersededByPartNumber: n % 3 === 0 ? `LR10${1001 + n}` : null,
      supersessionKind: n % 3 === 0 ? 'REPLACEMENT' : null,
      effectiveFrom: n % 3 === 0 ? day(n) : null,
      useUpOldStock: n % 2 === 0,
      active: n % 5 !== 0,
    })),
  ],
  [
    partSupersession,
    range(4, n => ({
      partNumber: `LR10${1000 + 3 * n}`,
      currentPartNumber: `LR10${1001 + 3 * n}`,
      chain: [`LR10${1000 + 3 * n}`, `LR10${1001 + 3 * n}`],
    })),
  ],
  [
    partStock,
    range(18, n => ({
      partNumber: `LR10${1000 + (n % 6)}`,
      siteBpns: nth(SITES, Math.floor(n / 6)),
      stockStatus: n % 2 === 0 ? 'UNRESTRICTED' : 'BLOCKED',
      quantityOnHand: `${n}.125`,
      quantityAllocated: '0.000',
      unit: 'C62',
      lastUpdatedOn: UPDATED,
    })),
  ],
  [
    partAvailability,
    range(24, n => ({
      partNumber: `LR10${1000 + (n % 8)}`,
      siteBpns: nth(SITES, Math.floor(n / 8)),
      quantityAvailableToPromise: nth(['9.000', '10.000', '-1.500', '0.001', '999999999999.999'], n),
      quantityInTransit: '0.000',
      quantityOnBackorder: '0.000',
      blocked: n % 7 === 0,
      daysOfSupply: n % 2 === 0 ? null : '12.50',
      nextInboundOn: n % 4 === 0 ? day(n) : null,
      unit: 'C62',
      lastUpdatedOn: UPDATED,
    })),
  ],
  [
    partsOrderLine,
    range(30, n => ({
      supplierOrderId: `SO${nth(['a', 'B', 'c'], n)}`,
      positionId: n * 7,
      customerOrderId: `PO-${nth(NASTY, n)}`,
      customerOrderPositionId: '10',
      retailerBpnl: n % 3 === 0 ? RETAILER_B : RETAILER_A,
      orderClass: nth(['STOCK', 'DAILY', 'VEHICLE_OFF_ROAD'], n),
      // Five instants for thirty rows: most pages begin among equals.
      orderedAt: `2025-10-0${1 + (n % 5)}T08:00:00.${n % 2 === 0 ? '000' : '120'}Z`,
      partNumber: `LR10${1000 + (n % 12)}`,
      suppliedPartNumber: null,
      quantityOrdered: `${n}.000`,
      quantityAllocated: '0.000',
      quantityDespatched: '0.000',
      quantityOnBackorder: '0.500',
      unit: 'C62',
      status: nth(['RECEIVED', 'BACKORDERED', 'DELIVERED'], n),
      estimatedArrival: n % 2 === 0 ? null : '2025-10-20T12:00:00.000Z',
      lastUpdatedOn: UPDATED,
    })),
  ],
  [
    partsDelivery,
    NASTY.map((deliveryId, n) => ({
      deliveryId,
      retailerBpnl: n % 2 === 0 ? RETAILER_A : RETAILER_B,
      originBpns: SITES[0],
      destinationBpns: SITES[1],
      trackingNumber: n % 2 === 0 ? `track ${deliveryId}` : null,
      incoterm: n % 2 === 0 ? 'DAP' : null,
      departureAt: null,
      departureActual: false,
      arrivalAt: null,
      arrivalActual: false,
    })),
  ],
  [
    supplierInvoice,
    range(28, n => ({
      companyCode: n % 2 === 0 ? '1000' : '2000',
      invoiceNumber: `51${String(n).padStart(8, '0')}`,
      fiscalYear: '2025',
      supplierBpnl: n % 4 === 0 ? SUPPLIER_B : SUPPLIER_A,
      supplierInvoiceReference: `INV/${Math.floor(n / 2)}`,
      type: n % 9 === 0 ? 'CREDIT_NOTE' : 'COMMERCIAL_INVOICE',
      documentDate: day(n % 6),
      receivedAt: n % 2 === 0 ? '2025-09-30T23:59:59.999Z' : null,
      postingDate: null,
      // The first two differ beyond what a float holds.
      grossAmount: nth(['9007199254740993.01', '9007199254740993.02', '10.00', '9.00', '-10.00', '-9.50', '0.00'], n),
      openAmount: '0.10',
      currency: 'GBP',
      purchaseOrders: range(n % 3, m => `45000000${n % 5}${m}`),
      paymentTerms: null,
      netDueDate: n % 3 === 0 ? day(30 + n) : null,
      status: nth(['ACKNOWLEDGED', 'IN_PROCESS', 'PAID'], n),
      statusReasons: n % 2 === 0 ? [] : ['PRICES_INCORRECT', 'OTHER'],
      requestedAction: null,
      paymentBlocked: n % 6 === 0,
      expectedPaymentDate: null,
      lastUpdatedOn: UPDATED,
    })),
  ],
  [
    remittanceLine,
    range(16, n => ({
      paymentId: `PAY${Math.floor(n / 4)}`,
      line: n % 4,
      supplierBpnl: n < 8 ? SUPPLIER_A : SUPPLIER_B,
      companyCode: n % 4 === 3 ? null : '1000',
      invoiceNumber: n % 4 === 3 ? null : `51${String(n).padStart(8, '0')}`,
      fiscalYear: n % 4 === 3 ? null : '2025',
      supplierInvoiceReference: `INV/${n}`,
      duePayableAmount: `${n}.10`,
      discountApplied: n % 2 === 0 ? '-0.05' : null,
      adjustment: null,
      remittedAmount: `${n}.05`,
      currency: 'GBP',
    })),
  ],
  [
    wholesaleFunding,
    range(10, n => ({
      billingDocument: `90${String(n).padStart(8, '0')}`,
      // Each partner is the retailer of some rows, the funder of others, and of one row both.
      retailerBpnl: n === 9 ? FUNDER : n % 2 === 0 ? RETAILER_A : RETAILER_B,
      funderBpnl: n === 4 ? RETAILER_B : FUNDER,
      funderName: 'Captive Finance',
      reference: null,
      status: 'FUNDED',
      fundedAmount: n % 2 === 0 ? `${50_000 + n}.00` : null,
      fundedOn: null,
      consignmentEndsOn: null,
      interestFreeUntil: null,
      settledOn: null,
      outstandingAmount: null,
      currency: 'GBP',
    })),
  ],
  [
    productionSchedule,
    range(32, n => ({
      lineCode: nth(['WOL-PT-01', 'HAM-BA-01'], n),
      productionDate: day(Math.floor(n / 8)),
      shift: n % 4 < 2 ? 'EARLY' : 'LATE',
      modelCode: n % 8 < 4 ? 'L460' : 'L461',
      siteBpns: nth(SITES, n),
      shop: n % 2 === 0 ? 'POWERTRAIN' : 'BATTERY',
      plannedQuantity: n * 10,
      confirmedQuantity: n % 2 === 0 ? null : n * 9,
      status: 'PLANNED',
      lastUpdatedOn: UPDATED,
    })),
  ],
]

export const SAMPLE: ReadonlyMap<AnyRelation, readonly Row[]> = new Map(SAMPLE_ROWS)
export const SAMPLE_RELATIONS = [...SAMPLE.keys()]

/** Every way in which the rows of a relation are shown to somebody, nobody's own included. */
export function visibilities(relation: AnyRelation): readonly RowFilter[] {
  const { access } = relation
  const all = { kind: 'all' } as const
  switch (access.kind) {
    case 'open':
      return [all]
    case 'owned':
      return [all, ...[RETAILER_A, RETAILER_B, SUPPLIER_A, SUPPLIER_B, FUNDER, 'BPNL000000000000'].map(ownedBy)]
    case 'sited':
    case 'privileged':
      return [all, ...[[SITES[1]], [SITES[0], SITES[2]], ['BPNS000000000000'], []].map(within)]
    default:
      return access satisfies never
  }

  function ownedBy(value: string): RowFilter {
    return { kind: 'owner', columns: access.kind === 'owned' ? access.columns : [], value }
  }

  function within(values: readonly string[]): RowFilter {
    return { kind: 'within', column: 'column' in access ? access.column : '', values }
  }
}
