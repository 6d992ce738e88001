import { relative } from 'node:path'
import type { Config } from '../config/load-config.ts'
import { SYSTEM_KEYS } from '../model/system.ts'
import type { RecoveryState } from '../recovery/state.ts'
import type { SystemState } from '../recovery/system-state.ts'

/**
 * What a newcomer reads when the embedded default is ready: what runs where, what is open, and what to paste. Called by
 * `serve`. The commands are one-to-one what a terminal takes: bash and zsh, no comments, no tabs, nothing that a shell
 * would expand but the token.
 */
export interface Welcome {
  /** URL of the listener for partners. */
  readonly partners: string
  /** URL of the listener for the platform. */
  readonly admin: string
  readonly state: RecoveryState
  readonly config: Pick<Config, 'systems' | 'embedded'>
}

/** One query per sample partner that shows what the partner is there for. */
const SAMPLES = [
  {
    partner: 'retailer',
    asks: 'A retailer asks for parts, for vehicles, and for a build in a system that is not open',
    query: `{
  partAvailability(partNumbers: ["LR106259", "LR453679", "LR071050"]) {
    requestedPartNumber outcome
    part { supersession { currentPartNumber } }
    lines { site { name } quantityAvailableToPromise { value unit } }
    provenance { asOf origin }
  }
  vehicleWholesales(first: 2) {
    edges { node { vin status funding { status } } }
    provenance { asOf reconciledThrough gapFrom gapUntil }
  }
  vehicleBuild(vin: "SALWA9AW9TA426326") { status }
}`,
  },
  {
    partner: 'supplier',
    asks: 'A supplier asks what it is owed, and for its newest invoices with their payments',
    query: `{
  supplierPosition {
    open { amount currency }
    overdue { amount currency }
  }
  supplierInvoices(first: 3) {
    edges { node {
      supplierInvoiceReference status openAmount { amount currency }
      payments { remittedAmount { amount } payment { channel status } }
    } }
    pageInfo { hasNextPage endCursor }
  }
}`,
  },
  {
    partner: 'internal',
    asks: 'An internal application asks how far the restart has come',
    query: `{
  restartStatus {
    headline phase nextUpdateBy
    systems { name lifecycle componentStatus since }
    plannedReopenings { system status scheduledFor conditions }
  }
  viewer { openSystems budget { costRemaining } }
}`,
  },
] as const

/** What a supplier asks for once the production schedule is open. */
const DEMAND = `{
  materialDemands(first: 3) {
    edges { node { day materialNumberSupplier demand { value unit } demandCategory } }
    provenance { asOf gapFrom gapUntil }
  }
}`

export function welcome({ partners, admin, state, config }: Welcome): string {
  const data = config.embedded ? relative('', config.embedded.directory) : ''
  return [
    '',
    'recovery-gateway is ready.',
    '',
    `  Status page, explorer  ${partners}/   ${partners}/explorer`,
    `  GraphQL for partners   ${partners}/graphql`,
    `  Health, metrics        ${admin}/health/ready   ${admin}/metrics`,
    '',
    'Restored systems:',
    '',
    ...table(
      SYSTEM_KEYS.map(key =>
        rowOf(state.systems[key], config.systems[key].connectors.map(({ kind }) => kind).join(', ')),
      ),
    ),
    '',
    'What is open rests on signed statements, kept in a journal: who said so, and on what evidence.',
    '',
    ...operator(admin, 'status', 'journal list'),
    '',
    'Ask as one of the sample partners: paste into another terminal, in this folder. Answers are one line',
    'of JSON; where jq is installed, put | jq behind the command.',
    '',
    ...SAMPLES.flatMap(({ partner, asks, query }) => [`${asks}:`, '', ...curl(partners, partner, query), '']),
    ...(state.systems.PRODUCTION_SCHEDULE.lifecycle === 'VERIFIED' ? nextStep(partners, admin) : []),
    `Stop with Ctrl+C. Data and keys are kept in ${data}; npm start -- --fresh starts over.`,
    '',
  ].join('\n')
}

/** The restart goes on in the reader's hands. */
function nextStep(partners: string, admin: string): readonly string[] {
  return [
    'Open the production schedule: see what its guards say, sign the step with a sample key, and a',
    'supplier is answered:',
    '',
    ...operator(
      admin,
      'system check production-schedule',
      'system open production-schedule --wave 1 --facts demo/opening.yaml --yes',
    ),
    '',
    ...curl(partners, 'supplier', DEMAND),
    '',
  ]
}

/** Where the operators' commands look by themselves. */
const USUAL_ADMIN = 'http://127.0.0.1:4001'

function operator(admin: string, ...commands: readonly string[]): readonly string[] {
  const where = admin === USUAL_ADMIN ? [] : [`    --admin ${admin}`]
  return commands.flatMap(command => [`  npm run -s gateway -- ${command}`, ...where].join(' \\\n').split('\n'))
}

function rowOf(system: SystemState, connector: string): readonly string[] {
  return [system.name, system.lifecycle, whoIsAnswered(system), connector]
}

function whoIsAnswered({ lifecycle, waves }: SystemState): string {
  switch (lifecycle) {
    case 'OPEN':
    case 'NORMAL_OPERATION':
      return 'answers all who hold the scopes'
    case 'LIMITED_OPEN':
      return `answers wave ${waves.join(', ')} only`
    default:
      return 'answers nobody: fields are null'
  }
}

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widthOf = (column: number) => Math.max(...rows.map(row => row[column]?.length ?? 0))
  return rows.map(row => `  ${row.map((cell, column) => cell.padEnd(widthOf(column))).join('  ')}`.trimEnd())
}

/** A GET, whose query needs no escaping; one line per step. */
function curl(url: string, partner: string, query: string): readonly string[] {
  const [first = '', ...rest] = query.split('\n')
  return [
    `  curl -sS -w '\\n' -G ${url}/graphql \\`,
    `    -H "Authorization: Bearer $(npm run --silent token -- ${partner})" \\`,
    `    --data-urlencode 'query=${first}`,
    ...rest.map(line => `    ${line}`),
  ].map((line, index, lines) => (index === lines.length - 1 ? `${line}'` : line))
}
