/**
 * The operations that partners send, as their own systems would write them. Taken by the work and, for validity, by the
 * tests; names no partner and no part. `relations` are those that an answer is read from.
 */
export interface WorkDocument {
  readonly operationName: string
  readonly query: string
  readonly relations: readonly string[]
}

export const AVAILABILITY: WorkDocument = {
  operationName: 'Availability',
  relations: ['part', 'part_supersession', 'part_availability'],
  query: `query Availability($partNumbers: [PartNumber!]!) {
  partAvailability(partNumbers: $partNumbers) {
    requestedPartNumber
    outcome
    part { description baseUnit }
    lines {
      site { bpns name }
      quantityAvailableToPromise { value unit }
      quantityOnBackorder { value unit }
      blocked
      nextInboundOn
      lastUpdatedOnDateTime
    }
    provenance { system asOf origin }
  }
}`,
}

export const PART: WorkDocument = {
  operationName: 'Part',
  relations: ['part', 'part_supersession'],
  query: `query Part($partNumber: PartNumber!) {
  part(partNumber: $partNumber) {
    partNumber description baseUnit active
    supersession { kind supersededByPartNumber currentPartNumber chain effectiveFrom useUpOldStock }
    provenance { system asOf origin }
  }
}`,
}

/** Two small records of any two parts, fresh for an hour: what many distinct questions can be made of. */
export const PAIR: WorkDocument = {
  operationName: 'Pair',
  relations: ['part'],
  query: `query Pair($one: PartNumber!, $other: PartNumber!) {
  one: part(partNumber: $one) { partNumber description }
  other: part(partNumber: $other) { partNumber description }
}`,
}

export const INVOICES: WorkDocument = {
  operationName: 'Invoices',
  relations: ['supplier_invoice', 'remittance_line', 'supplier_payment'],
  query: `query Invoices($first: Int!) {
  supplierPosition {
    open { amount currency }
    overdue { amount currency }
    ageing { fromDays toDays count amount { amount currency } }
  }
  supplierInvoices(first: $first) {
    edges { node {
      supplierInvoiceReference documentDate netDueDate status
      grossAmount { amount currency }
      openAmount { amount currency }
      payments { remittedAmount { amount currency } payment { channel status } }
    } }
    pageInfo { hasNextPage endCursor }
    provenance { system asOf origin }
  }
}`,
}

export const WHOLESALES: WorkDocument = {
  operationName: 'Wholesales',
  relations: ['vehicle_wholesale', 'wholesale_funding'],
  query: `query Wholesales($first: Int!) {
  vehicleWholesales(first: $first) {
    edges { node {
      vin modelDescription billingDocument wholesaleDate status registrationReleased
      grossAmount { amount currency }
      funding { funderName status fundedAmount { amount currency } outstandingAmount { amount currency } }
    } }
    pageInfo { hasNextPage endCursor }
    provenance { system asOf origin }
  }
}`,
}

export const RESTART: WorkDocument = {
  operationName: 'Restart',
  relations: [],
  query: `query Restart {
  restartStatus {
    headline phase updatedAt nextUpdateBy
    systems { key name lifecycle componentStatus since answersViewer }
    plannedReopenings { system scheduledFor status conditions }
  }
}`,
}

export const DOCUMENTS = [AVAILABILITY, PART, PAIR, INVOICES, WHOLESALES, RESTART] as const
