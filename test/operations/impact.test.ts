import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { PartnerEntry } from '../../src/model/partner-entry.ts'
import { LIFECYCLES, SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import type { Viewer } from '../../src/model/viewer.ts'
import { authorize } from '../../src/operations/authorize.ts'
import { readDeclarations } from '../../src/operations/declarations.ts'
import { impactOf } from '../../src/operations/impact.ts'
import type { Plan } from '../../src/operations/plan.ts'
import { createRecordedOperations } from '../../src/operations/recorded-operations.ts'
import type { RecoveryState } from '../../src/recovery/state.ts'
import { createGate } from '../../src/systems/gate.ts'
import { createDeclaredRecovery, declaredState } from '../support/declared-recovery.ts'
import { planning, schemaOf } from './planning.ts'

const schema = schemaOf(`
  type Part {
    number: Int
    supersession: Int @source(system: PARTS_LOGISTICS) @partition(by: [])
    history: History @source(system: PARTS_LOGISTICS) @partition(by: [])
  }
  type History @requiresScopes(scopes: [["audit"]]) {
    prices: Int @source(system: WHOLESALE_FINANCE) @requiresScopes(scopes: [["payments:read"]]) @partition(by: [])
  }
  type Query {
    part: Part @source(system: PARTS_LOGISTICS) @requiresScopes(scopes: [["parts:read"]]) @partition(by: [])
    line: Int @source(system: PARTS_LOGISTICS) @requiresScopes(scopes: [["orders:read", "parts:read"], ["audit"]]) @partition(by: [])
    owed: Int @source(system: WHOLESALE_FINANCE) @requiresScopes(scopes: [["payments:read"], ["audit"]]) @partition(by: [])
    build: Int @source(system: PRODUCTION_SCHEDULE) @requiresScopes(scopes: [["orders:read"]]) @partition(by: [])
    status: Int @requiresScopes(scopes: [["restart:read"]])
    now: Int
  }
`)
const SCOPES = ['parts:read', 'orders:read', 'payments:read', 'audit', 'restart:read']
const declarations = readDeclarations(schema)
const planOf = planning(schema)
/** Between them they come to every field that reads a system. */
const OPERATIONS = [
  '{ part { number supersession } }',
  '{ part { history { prices } } }',
  'query Line { line }',
  'query Owed { owed }',
  'query Build { build now }',
  'query Everything { part { number } owed build status }',
  'query Both { line owed }',
].map(source => planOf(source))

const BPNLS = ['BPNL00000000000A', 'BPNL00000000000B', 'BPNL00000000000C', 'BPNL00000000000D']
type Asked = readonly (readonly [operation: number, partner: number])[]

const entryOf = (bpnl: string, rest: Partial<PartnerEntry> = {}): PartnerEntry => ({
  bpnl,
  name: `Partner ${bpnl.at(-1)}`,
  roles: ['RETAILER'],
  scopes: SCOPES,
  sites: [],
  wave: 1,
  clients: [bpnl],
  tokenBinding: 'NONE',
  disabled: false,
  limits: null,
  ...rest,
})

const registered = (entries: readonly PartnerEntry[]) =>
  new Map(entries.map(entry => [entry.bpnl, { entry, epoch: '1', grantedAt: '2025-10-01T08:00:00.000Z' }]))

const viewerOf = (entry: PartnerEntry): Viewer => ({
  partner: entry,
  clientId: entry.bpnl,
  scopes: new Set(entry.scopes),
  epoch: '1',
  operationCostLimit: 1,
  costPerMinute: 1,
})

function recordedOf(asked: Asked) {
  const recorded = createRecordedOperations({ max: 100, clock: { now: () => 0 } })
  for (const [operation, partner] of asked) {
    const [plan, bpnl] = [OPERATIONS[operation], BPNLS[partner]]
    if (plan && bpnl) recorded.note(plan, viewerOf(entryOf(bpnl)))
  }
  return recorded
}

/** Weighted towards what answers, so that there is something to change. */
const system = fc.record({
  lifecycle: fc.oneof(fc.constantFrom('OPEN', 'LIMITED_OPEN', 'SUSPENDED'), fc.constantFrom(...LIFECYCLES)),
  waves: fc.subarray([1, 2]),
})
const partner = fc.record({
  scopes: fc.oneof(fc.constant(SCOPES), fc.subarray(SCOPES)),
  wave: fc.constantFrom(1, 2, null),
  disabled: fc.constantFrom(false, false, false, true),
})
const state = fc
  .record({
    systems: fc.tuple(system, system, system),
    partners: fc.tuple(...BPNLS.map(() => fc.option(partner))),
  })
  .map(({ systems: [parts, finance, production], partners }) =>
    declaredState(
      { PARTS_LOGISTICS: parts, WHOLESALE_FINANCE: finance, PRODUCTION_SCHEDULE: production },
      {
        partners: registered(
          partners.flatMap((rest, index) => (rest === null ? [] : [entryOf(BPNLS[index] ?? '', rest)])),
        ),
      },
    ),
  )
const asked: fc.Arbitrary<Asked> = fc.array(fc.tuple(fc.nat(OPERATIONS.length - 1), fc.nat(BPNLS.length - 1)), {
  maxLength: 12,
})

/** What really happens: the gate and the authorization that serve partners, asked for each operation. */
function isAnswered(restart: RecoveryState, bpnl: string, key: SystemKey, plan: Plan): boolean {
  const entry = restart.partners.get(bpnl)?.entry
  if (entry === undefined || entry.disabled || !plan.systems.has(key)) return false
  const viewer = viewerOf(entry)
  try {
    authorize(plan, viewer)
  } catch {
    return false
  }
  return createGate(createDeclaredRecovery(restart), () => {}).isOpen(key, viewer)
}

const wayOf = (was: boolean, is: boolean) =>
  was === is ? null : was ? ('ANSWERED_TO_REFUSED' as const) : ('REFUSED_TO_ANSWERED' as const)

/** The operations that ask one field each: whoever may ask one of those may ask the system something. */
const ONE_FIELD = ['{ part { number } }', '{ line }', '{ owed }', '{ build }'].map(source => planOf(source))

function expectedPartners(before: RecoveryState, after: RecoveryState) {
  return BPNLS.flatMap(bpnl =>
    SYSTEM_KEYS.flatMap(key => {
      const [was, is] = [before, after].map(at => ONE_FIELD.some(plan => isAnswered(at, bpnl, key, plan)))
      const change = wayOf(was === true, is === true)
      return change === null ? [] : [`${bpnl} ${key} ${change}`]
    }),
  )
}

function expectedOperations(before: RecoveryState, after: RecoveryState, pairs: Asked) {
  const found = pairs.flatMap(([operation, index]) => {
    const [plan, bpnl] = [OPERATIONS[operation], BPNLS[index]]
    if (!plan || !bpnl) return []
    return [...plan.systems].flatMap(key => {
      const change = wayOf(isAnswered(before, bpnl, key, plan), isAnswered(after, bpnl, key, plan))
      return change === null ? [] : { operation: plan.key, change, bpnl, key }
    })
  })
  return new Map(
    Object.entries(Object.groupBy(found, ({ operation, change }) => `${operation} ${change}`)).map(
      ([name, such = []]) => [
        name,
        { partners: new Set(such.map(({ bpnl }) => bpnl)), systems: new Set(such.map(({ key }) => key)) },
      ],
    ),
  )
}

describe('a dry run', () => {
  test('names exactly the partners and operations whose answers the gate and the authorization would change', async () => {
    await fc.assert(
      fc.asyncProperty(state, state, asked, async (before, after, pairs) => {
        const impact = await impactOf(before, after, { declarations, recorded: recordedOf(pairs) })
        expect(impact.partners.map(({ bpnl, system: key, change }) => `${bpnl} ${key} ${change}`)).toEqual(
          expectedPartners(before, after),
        )
        const operations = impact.operations.map(found => [
          `${found.operation} ${found.change}`,
          { partners: new Set(found.partners), systems: new Set(found.systems) },
        ])
        expect(operations).toHaveLength(new Set(operations.map(([name]) => name)).size)
        expect(new Map(operations as [string, unknown][])).toEqual(expectedOperations(before, after, pairs))
      }),
      { numRuns: 150 },
    )
  })

  test('says the same whatever the order in which partners registered and operations were asked', async () => {
    await fc.assert(
      fc.asyncProperty(state, state, asked, async (before, after, pairs) => {
        const backwards = (at: RecoveryState) => ({ ...at, partners: new Map([...at.partners].toReversed()) })
        const there = await impactOf(before, after, { declarations, recorded: recordedOf(pairs) })
        const back = await impactOf(backwards(before), backwards(after), {
          declarations,
          recorded: recordedOf(pairs.toReversed()),
        })
        expect(back).toEqual(there)
      }),
      { numRuns: 50 },
    )
  })

  test('of what changes nothing names nothing', async () => {
    await fc.assert(
      fc.asyncProperty(state, asked, async (same, pairs) => {
        const impact = await impactOf(same, structuredClone(same), { declarations, recorded: recordedOf(pairs) })
        expect(impact).toEqual({ systems: [], partners: [], operations: [] })
      }),
      { numRuns: 50 },
    )
  })
})

describe('closing wholesale finance', () => {
  const partners = registered([
    entryOf('BPNL00000000000A'),
    entryOf('BPNL00000000000B', { scopes: ['parts:read'] }),
    entryOf('BPNL00000000000C', { disabled: true }),
  ])
  const before = declaredState({}, { partners })
  const after = declaredState({ WHOLESALE_FINANCE: { lifecycle: 'SUSPENDED' } }, { partners })
  const clock = { now: () => Date.parse('2025-10-07T09:00:00Z') }

  test('shows the partners it answered, and the operations that they ask of it', async () => {
    const recorded = createRecordedOperations({ max: 10, clock })
    const [parts, , , owed] = OPERATIONS
    if (!parts || !owed) throw new Error('the operations are gone')
    for (const bpnl of BPNLS) for (const plan of [parts, owed]) recorded.note(plan, viewerOf(entryOf(bpnl)))
    expect(await impactOf(before, after, { declarations, recorded })).toEqual({
      systems: [{ key: 'WHOLESALE_FINANCE', from: 'OPEN', to: 'SUSPENDED' }],
      partners: [
        { bpnl: 'BPNL00000000000A', name: 'Partner A', system: 'WHOLESALE_FINANCE', change: 'ANSWERED_TO_REFUSED' },
      ],
      operations: [
        {
          name: 'Owed',
          operation: owed.key,
          systems: ['WHOLESALE_FINANCE'],
          change: 'ANSWERED_TO_REFUSED',
          partners: ['BPNL00000000000A'],
          partnersInAll: 1,
          timesAsked: 4,
          lastAskedAt: '2025-10-07T09:00:00.000Z',
        },
      ],
    })
  })
})

describe('a partner grant', () => {
  const open = (entries: readonly PartnerEntry[]) => declaredState({}, { partners: registered(entries) })
  const nothing = { declarations, recorded: recordedOf([]) }
  const [bpnl = ''] = BPNLS

  test.each([
    ['that disables', open([entryOf(bpnl)]), open([entryOf(bpnl, { disabled: true })]), 'ANSWERED_TO_REFUSED'],
    ['that registers', open([]), open([entryOf(bpnl)]), 'REFUSED_TO_ANSWERED'],
    ['that takes every scope', open([entryOf(bpnl)]), open([entryOf(bpnl, { scopes: [] })]), 'ANSWERED_TO_REFUSED'],
  ])('%s a partner changes every open system for it, and no other partner', async (_grant, before, after, change) => {
    expect((await impactOf(before, after, nothing)).partners).toEqual(
      SYSTEM_KEYS.map(key => ({ bpnl, name: 'Partner A', system: key, change })),
    )
  })
})

test('a wave that LIMITED_OPEN takes in is shown although the lifecycle stays', async () => {
  const partners = registered([entryOf('BPNL00000000000A'), entryOf('BPNL00000000000B', { wave: 2 })])
  const limited = (waves: readonly number[]) =>
    declaredState({ PARTS_LOGISTICS: { lifecycle: 'LIMITED_OPEN', waves } }, { partners })
  const impact = await impactOf(limited([1]), limited([1, 2]), { declarations, recorded: recordedOf([[0, 1]]) })
  expect(impact.systems).toEqual([])
  expect(impact.partners.map(({ bpnl, change }) => [bpnl, change])).toEqual([
    ['BPNL00000000000B', 'REFUSED_TO_ANSWERED'],
  ])
  expect(impact.operations).toHaveLength(1)
})

describe('at the bounds of what is recorded', () => {
  const bpnls = Array.from({ length: 1_000 }, (_, index) => `BPNL${String(index).padStart(12, '0')}`)
  const partners = registered(bpnls.map(bpnl => entryOf(bpnl)))
  const [, , , owed] = OPERATIONS
  if (!owed) throw new Error('the operations are gone')
  const operations = Array.from({ length: 500 }, (_, index) => ({
    key: String(index).padStart(3, '0'),
    name: null,
    systems: SYSTEM_KEYS.filter(key => owed.systems.has(key)),
    guarded: owed.guarded,
    partners: new Set(bpnls.toReversed()),
    timesAsked: 1,
    lastAskedMs: 0,
  }))
  const basis = { declarations, recorded: { list: () => operations } }
  const closing = () =>
    impactOf(
      declaredState({}, { partners }),
      declaredState({ WHOLESALE_FINANCE: { lifecycle: 'SUSPENDED' } }, { partners }),
      basis,
    )

  test('the first hundred partners of an operation are named, and all are counted', async () => {
    const { operations: found } = await closing()
    expect(found).toHaveLength(500)
    for (const { partners: named, partnersInAll } of found)
      expect([named, partnersInAll]).toEqual([bpnls.slice(0, 100), 1_000])
  })

  test('requests have their turn between any two operations', async () => {
    let turns = 0
    let isDone = false
    const takeTurns = () => {
      turns += 1
      if (!isDone) setImmediate(takeTurns)
    }
    setImmediate(takeTurns)
    await closing()
    isDone = true
    expect(turns).toBeGreaterThanOrEqual(operations.length)
  })

  test('rights are judged once for all partners that have them, not once for each', async () => {
    let judged = 0
    const guarded = owed.guarded.map(field => ({
      ...field,
      get requirements() {
        judged += 1
        return field.requirements
      },
    }))
    const counted = operations.map(operation => ({ ...operation, guarded }))
    const before = declaredState({}, { partners })
    const after = declaredState({ WHOLESALE_FINANCE: { lifecycle: 'SUSPENDED' } }, { partners })
    await impactOf(before, after, { declarations, recorded: { list: () => counted } })
    expect(judged).toBe(2 * guarded.length)
  })
})
