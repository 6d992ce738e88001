/** What each kind of caller may want to ask first. A tab of the explorer each; the operation's name is the tab's. */

export interface CallerSamples {
  readonly caller: 'supplier' | 'retailer' | 'internal'
  readonly label: string
  readonly queries: readonly string[]
}

export const SAMPLE_OPERATIONS: readonly CallerSamples[] = [
  {
    caller: 'supplier',
    label: 'Supplier',
    queries: [
      `# What am I owed, and when does the money come?
query WhatAmIOwed {
  supplierPosition {
    open { amount currency }
    overdue { amount currency }
  }
  supplierInvoices(first: 5) {
    edges {
      node {
        supplierInvoiceReference
        status
        openAmount { amount currency }
        payments { remittedAmount { amount } payment { channel status } }
      }
    }
    provenance { asOf reconciledThrough gapFrom gapUntil }
  }
}
`,
      `# What do the plants need of my parts? Null while the production schedule is not open; the error says until when.
query WhatIsNeeded {
  materialDemands(first: 5) {
    edges {
      node { day materialNumberSupplier demand { value unit } demandCategory }
    }
    provenance { asOf gapFrom gapUntil }
  }
}
`,
    ],
  },
  {
    caller: 'retailer',
    label: 'Retailer',
    queries: [
      `# A service job: can these parts be promised, and from where? Two of them have been superseded.
query PartsForAJob {
  partAvailability(partNumbers: ["LR106259", "LR453679", "LR071050"]) {
    requestedPartNumber
    outcome
    part { description supersession { currentPartNumber } }
    lines { site { name } quantityAvailableToPromise { value unit } }
    provenance { asOf origin }
  }
}
`,
      `# My vehicles: wholesaled, funded, built?
query MyVehicles {
  vehicleWholesales(first: 5) {
    edges { node { vin status funding { status } } }
    provenance { asOf reconciledThrough gapFrom gapUntil }
  }
  vehicleBuild(vin: "SALWA9AW9TA426326") { status }
}
`,
    ],
  },
  {
    caller: 'internal',
    label: 'Control room',
    queries: [
      `# How far has the restart come, and on what evidence?
query WhereItStands {
  restartStatus {
    headline
    phase
    nextUpdateBy
    systems {
      name
      lifecycle
      componentStatus
      since
      backlog { name open clearedLast24h estimatedClearDate }
      lastTransition { to at signedBy { name role } }
    }
    plannedReopenings { system status scheduledFor conditions }
  }
}
`,
      `# What happens, as it happens: sign a step in a terminal, and see it here.
subscription WhatHappens {
  restoredSystemChanged { name lifecycle componentStatus }
}
`,
    ],
  },
]
