import type { Config } from '../config/load-config.ts'
import { SYSTEM_KEYS } from '../model/system.ts'
import type { RecoveryState, SystemState } from '../recovery/state.ts'

/** What a newcomer reads when the embedded default is ready: what runs where, what is open, and what to paste. */
export interface Welcome {
  /** URL of the listener for partners. */
  readonly partners: string
  readonly admin: string
  readonly state: RecoveryState
  readonly systems: Config['systems']
}

/** One query per sample partner that shows what the partner is there for. */
const SAMPLES = [
  {
    partner: 'retailer',
    asks: 'parts at its sites, its vehicles, and a build in a system that is not open',
    query:
      '{ partAvailability(partNumbers: ["LR106259", "LR453679", "LR071050"]) { requestedPartNumber outcome lines { site { name } quantityAvailableToPromise { value unit } } } vehicleWholesales(first: 2) { edges { node { vin status funding { status } } } provenance { asOf gapFrom gapUntil } } vehicleBuild(vin: "SALWA9AW9TA426326") { status } }',
  },
  {
    partner: 'supplier',
    asks: 'what it is owed, and its invoices with their payments',
    query:
      '{ supplierPosition { open { amount currency } overdue { amount currency } } supplierInvoices(first: 3) { edges { node { supplierInvoiceReference status openAmount { amount currency } payments { remittedAmount { amount } payment { channel status } } } } pageInfo { hasNextPage endCursor } } }',
  },
  {
    partner: 'internal',
    asks: 'how far the restart has come',
    query:
      '{ restartStatus { headline phase systems { name lifecycle componentStatus since } sites { site { name } shop status } plannedReopenings { system scheduledFor conditions } } viewer { openSystems budget { costRemaining } } }',
  },
] as const

export function welcome({ partners, admin, state, systems }: Welcome): string {
  const rows = SYSTEM_KEYS.map(key => {
    const system = state.systems[key]
    return `  ${system.name.padEnd(22)}${system.lifecycle.padEnd(18)}${meaning(system).padEnd(44)}${systems[key].connector.kind}`
  })
  const samples = SAMPLES.map(({ partner, asks, query }) =>
    [`  # ${partner}: ${asks}`, `  ${curl(partners, partner, query)}`, ''].join('\n'),
  )
  return [
    '',
    'recovery-gateway is ready.',
    '',
    `  GraphQL for partners   ${partners}/graphql`,
    `  Health and metrics     ${admin}/health/ready  ${admin}/metrics`,
    '',
    'Restored systems:',
    ...rows,
    '',
    'Ask as one of the sample partners, in another terminal in this folder:',
    '',
    ...samples,
    'Stop with Ctrl+C. State is kept in .data; npm start -- --fresh starts over.',
    '',
  ].join('\n')
}

function meaning({ lifecycle, waves }: SystemState): string {
  switch (lifecycle) {
    case 'OPEN':
    case 'NORMAL_OPERATION':
      return 'answers every partner with the scopes'
    case 'LIMITED_OPEN':
      return `answers partners of wave ${waves.join(', ')}`
    default:
      return 'answers nobody yet: its fields are null'
  }
}

function curl(url: string, partner: string, query: string): string {
  const token = `"Authorization: Bearer $(npm run --silent token -- ${partner})"`
  return `curl -s ${url}/graphql -H ${token} -H 'Content-Type: application/json' -d '${JSON.stringify({ query })}'`
}
