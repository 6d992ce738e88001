import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse } from 'graphql'
import { createDataset } from '../../demo/generator/dataset.ts'
import { loadSchema } from '../../src/graphql/schema.ts'
import { partitionOf } from '../../src/model/partition.ts'
import type { PartnerEntry } from '../../src/model/partner-entry.ts'
import { SYSTEM_KEYS, type SystemKey, type SystemLifecycle } from '../../src/model/system.ts'
import type { Viewer } from '../../src/model/viewer.ts'
import { readDeclarations } from '../../src/operations/declarations.ts'
import { createPlanner, type Planner } from '../../src/operations/planner.ts'
import type { RecoveryState } from '../../src/recovery/state.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import { vehicleBuild } from '../../src/systems/relations/production-schedule.ts'
import { supplierInvoice, vehicleWholesale } from '../../src/systems/relations/wholesale-finance.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { createFaults } from '../support/faults.ts'
import { exactly, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import { ALL_SCOPES, type DeclaredGateway, type Question, startGateway } from '../support/gateway.ts'
import { foreignCanaries, stamping } from './canaries.ts'
import { operations } from './operation-grammar.ts'

/**
 * The product's central promise, as a property: whoever asks whatever, in whatever order, while systems open and close
 * and rights change, the gateway with its caches and its compiled operations answers byte for byte what plain graphql-js
 * without any cache answers, and nobody meets a row of somebody else. Where a system changes or rights do while an answer is
 * still being read, nothing of that system is in the answer, and nothing at all for whoever lost its rights.
 */
const RUNS = Number(process.env.PROPERTY_RUNS ?? sized(250, 10_000))

/** Others each time, unless one is given. */
const GIVEN_SEED = process.env.PROPERTY_SEED ?? process.env.CHAOS_SEED

/** Clients that may ask much the same, so that they meet each other's questions in the caches. */
const GROUPS = {
  retail: {
    clients: ['sample-retailer', 'retailer-0002', 'retailer-0003', 'retailer-0004', 'importer-0001', 'sample-internal'],
    asks: [
      'part',
      'partAvailability',
      'partsOrderLines',
      'vehicleWholesales',
      'vehicleWholesale',
      'vehicleBuild',
      'restartStatus',
    ],
  },
  supply: {
    clients: ['sample-supplier', 'supplier-0002', 'supplier-0003', 'sample-internal'],
    asks: [
      'supplierInvoices',
      'supplierInvoiceByReference',
      'supplierPayments',
      'supplierPosition',
      'materialDemands',
      'restoredSystem',
    ],
  },
  anything: {
    clients: ['sample-internal', 'sample-retailer', 'supplier-0002'],
    asks: ['productionSchedule', 'part', 'supplierInvoices', 'vehicleBuild', 'restartStatus'],
  },
} as const
const CLIENTS = [...new Set(Object.values(GROUPS).flatMap(group => group.clients))]

const dataset = createDataset(TEST_DATASET)
const OWNERS = [...dataset.partners.retailers, ...dataset.partners.suppliers]
  .filter(partner => CLIENTS.some(client => client === partner.client))
  .map(partner => partner.bpnl)
const schema = await loadSchema(new URL('../../schema/', import.meta.url).pathname)
// The one tells of the caller's budget; the other of the last read of a system, which is not every gateway's.
const without = new Set(['Query.viewer', 'RestoredSystem.componentStatus'])
const values = valuesOfTheData()

/** Between the sources of `serving` and its reads. */
const faults = createFaults()
/** With field cache and compiled operations: what serves partners. */
let serving: DeclaredGateway
/** Compiled operations, no field cache. */
let uncached: DeclaredGateway
/** graphql-js's own execution, no field cache: the reference. */
let reference: DeclaredGateway
/** A failure is remembered for two seconds at most: so far the clock of all is put forward after one. */
let aheadMs = 0
let planner: Planner
let partners: readonly PartnerEntry[]

beforeAll(async () => {
  const options = {
    connectors: stamping,
    settings: {
      limits: { costPerMinute: 1_000_000_000 },
      warmUp: { questions: 0 },
      // What was given last would stand in where the one system that fails now and then does.
      lastKnownGood: { store: 'none' },
    },
    // And its breaker would hold back what the others give.
    systems: { shield: { breaker: { calls: 10_000 } } },
    clock: { now: () => Date.now() + aheadMs },
  }
  serving = await startGateway({ ...options, connectors: configured => faults.lay(stamping(configured)) })
  uncached = await startGateway({ ...options, execution: { compiled: true, cached: false } })
  reference = await startGateway({ ...options, execution: { compiled: false, cached: false } })
  partners = [...serving.recovery.current().state.partners.values()].map(({ entry }) => entry)
  planner = createPlanner({
    schema,
    declarations: readDeclarations(schema),
    limits: serving.config.documents,
  })
})
afterAll(async () => {
  for (const gateway of gateways()) await gateway.close()
})

test(`answers are the same, byte for byte, whatever is cached and however it is executed (${RUNS} runs)`, async () => {
  const initial = reference.recovery.current().state
  const seen = { answered: 0, refused: 0, shared: 0, interrupted: 0, mishaps: 0 }
  await fc.assert(
    fc
      .asyncProperty(sequences(), async ({ questions, steps }) => {
        for (const step of steps) {
          if ('question' in step) {
            const question = questions[step.question % questions.length] ?? { query: '' }
            if (step.kind === 'ask') await checkAnswer(step.client, question, seen)
            else if (step.kind !== 'interrupt') seen.mishaps += await suffer(step, question)
            else if (await checkInterrupted(step, question, () => change(initial, step.by))) seen.interrupted++
          } else change(initial, step)
        }
      })
      .afterEach(() => {
        declare(initial)
        for (const { recovery } of gateways()) recovery.grant(partners)
      }),
    {
      numRuns: RUNS,
      endOnFailure: process.env.PROPERTY_SHRINK === undefined,
      ...(GIVEN_SEED === undefined ? {} : { seed: Number(GIVEN_SEED) }),
    },
  )
  // The property says nothing if nothing was answered, refused or shared.
  expect(seen.answered).toBeGreaterThan(RUNS)
  expect(seen.refused).toBeGreaterThan(RUNS / 10)
  expect(seen.interrupted).toBeGreaterThan(RUNS / 50)
  expect(seen.mishaps).toBeGreaterThan(RUNS / 50)
  const hits = serving.counters
    .snapshot()
    .filter(({ name, labels }) => name === 'response_cache_lookups' && labels.outcome === 'hit')
  expect(hits[0]?.value).toBeGreaterThan(RUNS / 2)
  // About one in ten runs; well below it, because the runs are random.
  expect(seen.shared).toBeGreaterThan(RUNS / 50)
  report(3, {
    sequences: RUNS,
    // Whatever differs has ended the test above, with its seed and its path.
    'sequences with a difference': { value: 0, ...exactly(0), of: RUNS },
    seen: JSON.stringify(seen),
    'answers from finished bytes': hits[0]?.value ?? 0,
  })
}, 1_800_000)

type Step = Asking | Interruption | Mishap | Change

interface Asking {
  readonly kind: 'ask'
  readonly client: string
  readonly question: number
}

/** A question, and what changes when so many of its reads have come back. */
interface Interruption {
  readonly kind: 'interrupt'
  readonly client: string
  readonly question: number
  readonly reads: number
  readonly by: Change
}

/** The client hangs up, or the system fails, when the first read is under way. */
interface Mishap {
  readonly kind: 'hang up' | 'fail'
  readonly client: string
  readonly question: number
}

type Change =
  | {
      readonly kind: 'declare'
      readonly system: SystemKey
      readonly lifecycle: SystemLifecycle
      readonly gapFrom: string
    }
  | { readonly kind: 'grant'; readonly client: string; readonly change: Partial<PartnerEntry> }

interface Sequence {
  readonly questions: readonly Question[]
  readonly steps: readonly Step[]
}

/** A few questions, asked again and again by several clients, while systems open and close and rights change. */
function sequences(): fc.Arbitrary<Sequence> {
  return fc.constantFrom(...Object.values(GROUPS)).chain(({ clients, asks }) => {
    const client = fc.constantFrom<string>(...clients)
    const ask = fc.record({ kind: fc.constant('ask' as const), client, question: fc.nat(1) })
    const declared = fc.record({
      kind: fc.constant('declare' as const),
      system: fc.constantFrom(...SYSTEM_KEYS),
      lifecycle: fc.constantFrom('OPEN' as const, 'LIMITED_OPEN' as const, 'SUSPENDED' as const),
      gapFrom: fc.constantFrom('2025-08-30T02:00:00.000Z', '2025-08-29T02:00:00.000Z'),
    })
    const rights = fc.record({
      kind: fc.constant('grant' as const),
      client,
      change: fc.constantFrom<Partial<PartnerEntry>>(
        { wave: 2 },
        { wave: 1 },
        { sites: [] },
        { disabled: true },
        { scopes: ['restart:read'] },
      ),
    })
    const mishap = fc.record({
      kind: fc.constantFrom('hang up' as const, 'fail' as const),
      client,
      question: fc.nat(1),
    })
    const interrupt = client.chain(name =>
      fc.record({
        kind: fc.constant('interrupt' as const),
        client: fc.constant(name),
        question: fc.nat(1),
        reads: fc.integer({ min: 1, max: 2 }),
        // Its own rights rather than another's.
        by: fc.oneof(
          declared,
          rights.map(one => ({ ...one, client: name })),
        ),
      }),
    )
    return fc.record({
      questions: fc.array(operations({ schema, without, values }, asks), { minLength: 1, maxLength: 2 }),
      steps: fc.array(
        fc.oneof(
          { weight: 6, arbitrary: ask },
          { weight: 2, arbitrary: declared },
          { weight: 1, arbitrary: rights },
          { weight: 2, arbitrary: interrupt },
          { weight: 1, arbitrary: mishap },
        ),
        { minLength: 2, maxLength: 7 },
      ),
    })
  })
}

function gateways(): readonly DeclaredGateway[] {
  return [serving, uncached, reference]
}

async function checkAnswer(
  client: string,
  question: Question,
  seen: { answered: number; refused: number; shared: number },
): Promise<void> {
  // Again and again: from the field cache, from the compiled operation, from finished bytes.
  const answers = [
    await reference.ask(client, question),
    await serving.ask(client, question),
    await serving.ask(client, question),
    await serving.ask(client, question),
    await uncached.ask(client, question),
    await uncached.ask(client, question),
  ]
  const [expected, ...others] = answers.map(answer => `${answer.status} ${withoutRequestId(answer.text)}`)
  for (const other of others) expect(other).toBe(expected)

  const viewer = viewerOf(client)
  const status = answers[0]?.status
  if (status === 200) seen.answered++
  if (expected?.includes('"errors"')) seen.refused++
  if (!viewer) return
  for (const { text } of answers) expect(foreignCanaries(text, viewer.partner.bpnl)).toEqual([])
  if (status === 200) seen.shared += await checkShared(viewer, question, expected ?? '')
}

/** Whether anything changed while the question was being answered; fails where the answer holds what has lost its right. */
async function checkInterrupted(
  { client, reads }: Interruption,
  question: Question,
  interrupt: () => void,
): Promise<boolean> {
  const viewer = viewerOf(client)
  const { epochs: before } = serving.recovery.current()
  let remaining = reads
  faults.read = async (_relation, real) => {
    const reading = await real()
    if (--remaining === 0) interrupt()
    return reading
  }
  const { body, text, status } = await serving.ask(client, question)
  faults.read = null
  if (remaining > 0 || viewer === null) return false
  expect(foreignCanaries(text, viewer.partner.bpnl)).toEqual([])
  if (!serving.app.registry.isCurrent(viewer)) {
    expect([403, 503]).toContain(status)
    expect(body.data).toBeUndefined()
    return true
  }
  const { epochs } = serving.recovery.current()
  const changed = SYSTEM_KEYS.filter(system => epochs[system] !== before[system])
  // No system can be read below a root field of another, and all root fields are met before the first read comes back.
  for (const [key, systems] of planOf(question).systemsUnder)
    if (changed.some(system => systems.has(system))) expect(body.data[key] ?? null).toBeNull()
  return changed.length > 0
}

/** Nothing of it may be left for whoever asks next, who is checked as ever. Gives 1 where a system was read, else 0. */
async function suffer({ kind, client }: Mishap, question: Question): Promise<number> {
  const hangUp = new AbortController()
  let reads = 0
  faults.read = async (_relation, real) => {
    reads++
    if (kind === 'fail') throw new Error('the system is away')
    hangUp.abort()
    return real()
  }
  const answer = await serving.ask(client, question, ALL_SCOPES, hangUp.signal).catch(() => null)
  faults.read = null
  aheadMs += 2_000
  if (kind === 'fail' && reads > 0) expect(answer?.text).toContain('SYSTEM_UNAVAILABLE')
  return Math.min(1, reads)
}

/** Every other viewer with the same scopes, the same open systems and the same facts that the plan names gets the same bytes. */
async function checkShared(viewer: Viewer, question: Question, expected: string): Promise<number> {
  const facts = [...planOf(question).partition]
  const peers = CLIENTS.filter(name => {
    const other = viewerOf(name)
    return (
      other !== null &&
      other.partner.bpnl !== viewer.partner.bpnl &&
      partitionOf(other, facts) === partitionOf(viewer, facts) &&
      [...other.scopes].join() === [...viewer.scopes].join() &&
      other.partner.wave === viewer.partner.wave
    )
  })
  for (const peer of peers) {
    const answer = await serving.ask(peer, question)
    expect(`${answer.status} ${withoutRequestId(answer.text)}`).toBe(expected)
  }
  return peers.length
}

function planOf({ query }: Question) {
  return planner.planFor({ source: query, document: parse(query), operationName: undefined })
}

/** Null: disabled just now. */
function viewerOf(client: string): Viewer | null {
  return serving.app.registry.viewerFor(client, new Set(ALL_SCOPES))
}

function withoutRequestId(text: string): string {
  return text.replaceAll(/"requestId":"[^"]*"/g, '"requestId":"…"')
}

function change(initial: RecoveryState, by: Change): void {
  if (by.kind === 'declare') declare(withChange(initial, by))
  else grant(by.client, by.change)
}

/** What partners are granted stays as it is. */
function declare(state: RecoveryState): void {
  for (const { recovery } of gateways()) recovery.declare({ ...state, partners: recovery.current().state.partners })
}

function grant(client: string, to: Partial<PartnerEntry>): void {
  const bpnl = partners.find(partner => partner.clients.includes(client))?.bpnl ?? ''
  for (const gateway of gateways()) gateway.grant(bpnl, to)
}

function withChange(
  state: RecoveryState,
  { system, lifecycle, gapFrom }: Extract<Change, { kind: 'declare' }>,
): RecoveryState {
  const before = state.systems[system]
  const changed = {
    ...before,
    lifecycle,
    waves: [1],
    gap: { from: gapFrom, until: before.gap?.until ?? '2025-09-24T06:00:00.000Z' },
  }
  return { ...state, systems: { ...state.systems, [system]: changed } }
}

/** A few values that are one client's, or another's, or nobody's: what one owns, the others must not find. */
function valuesOfTheData(): Readonly<Record<string, readonly unknown[]>> {
  const parts = [...dataset.rows(part)]
  const superseded = parts.filter(row => row.supersededByPartNumber !== null)
  const owned = <T>(rows: Iterable<T>, ownerOf: (row: T) => string): T[] =>
    OWNERS.flatMap(bpnl => [...rows].filter(row => ownerOf(row) === bpnl).slice(0, 1))
  return {
    PartNumber: [...superseded.slice(0, 3), ...parts.slice(0, 3)].map(row => row.partNumber).concat('UNKNOWN-1'),
    VIN: [
      ...owned(dataset.rows(vehicleWholesale), row => row.retailerBpnl).map(row => row.vin),
      ...owned(dataset.rows(vehicleBuild), row => (row.vin === null ? '' : row.retailerBpnl)).map(row => row.vin),
    ],
    BPNS: ['BPNS00000R000121', 'BPNS00000R00021C', 'BPNS00000P0001MR', 'BPNS00000D00015V'],
    'supplierInvoiceByReference.supplierInvoiceReference': owned(
      dataset.rows(supplierInvoice),
      row => row.supplierBpnl,
    ).map(row => row.supplierInvoiceReference),
    String: ['4500004749', '4500002396', 'L461', 'nothing'],
    Int: [1, 2, 3, 7],
    Date: ['2025-06-01', '2025-09-15', '2025-10-08', '2025-10-20'],
    DateTime: ['2025-09-01T00:00:00Z', '2025-10-07T12:00:00.000Z'],
    'partsOrderLines.after': ['', 'bm90IGEgY3Vyc29y'],
  }
}
