/** One question per root field of the restored systems, with everything below it. */
export const QUESTIONS: readonly (readonly [client: string, query: string])[] = [
  [
    'sample-retailer',
    '{ part(partNumber: "LR071050") { id description supersession { chain effectiveFrom } provenance { asOf gapFrom } } }',
  ],
  [
    'sample-internal',
    '{ partAvailability(partNumbers: ["LR106259", "LR453679", "NONE", "LR024120"]) { outcome lines { site { bpns } quantityOnHand { value } quantityAllocated { value } quantityAvailableToPromise { value unit } daysOfSupply nextInboundOn lastUpdatedOnDateTime } } }',
  ],
  [
    'sample-retailer',
    '{ partAvailability(partNumbers: ["LR106259"], shipToBpns: "BPNS00000R000121") { lines { site { name } } } }',
  ],
  [
    'sample-retailer',
    '{ partsOrderLines(first: 60) { edges { cursor node { id customerOrderId status quantityOrdered { value } estimatedArrival deliveries { deliveryId events { eventType dateTimeOfEvent } } } } pageInfo { hasNextPage endCursor } } }',
  ],
  [
    'sample-supplier',
    '{ supplierInvoices(first: 60, filter: { dueUntil: "2025-10-20", status: [ACCEPTED, PAID, PARTIALLY_PAID] }) { totalOpen { amount } edges { cursor node { id purchaseOrders statusReasons openAmount { amount } lines { line netAmount { amount } } payments { remittedAmount { amount } payment { endToEndId status } } } } pageInfo { endCursor } } }',
  ],
  [
    'sample-supplier',
    '{ supplierInvoices(first: 20, filter: { overdueOnly: true, purchaseOrder: "4500004749" }) { edges { node { id } } } }',
  ],
  [
    'sample-supplier',
    '{ supplierInvoiceByReference(supplierInvoiceReference: "AL-020018") { documentDate receivedAt lastUpdatedOnDateTime } }',
  ],
  [
    'sample-supplier',
    '{ supplierPayments(first: 50) { edges { cursor node { id valueDate remittance { supplierInvoiceReference invoice { id } } } } } }',
  ],
  [
    'sample-supplier',
    '{ supplierPosition { open { amount currency } overdue { amount currency } ageing { fromDays count amount { amount } } oldestOpenInvoice { id } } }',
  ],
  [
    'sample-retailer',
    '{ vehicleWholesales(first: 100, filter: { wholesaleFrom: "2025-06-01" }) { edges { cursor node { vin grossAmount { amount } funding { status fundedOn outstandingAmount { amount } } } } } }',
  ],
  [
    'sample-retailer',
    '{ vehicleWholesale(vin: "SALCA3EF5SH104729") { status funding { funderName } } vehicleBuild(vin: "SALWA9AW9TA426326") { status estimatedTimeOfCompletion } }',
  ],
  [
    'sample-internal',
    '{ productionSchedule(first: 100, filter: { from: "2025-10-06", shop: [TRIM_AND_FINAL, POWERTRAIN] }) { edges { cursor node { shift plannedProductionQuantity { value } line { code status } } } pageInfo { endCursor } } }',
  ],
  [
    'sample-supplier',
    '{ materialDemands(first: 100) { edges { cursor node { day materialNumberSupplier demand { value } demandCategory } } pageInfo { hasNextPage } } }',
  ],
]

export const rootFieldOf = (query: string): string => /\w+/.exec(query)?.[0] ?? ''
