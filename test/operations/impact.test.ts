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
  disabled: false,
  limits: null,
  ...rest,
})

const registered = (entries: readonly PartnerEntry[]) =>
  new Map(entries.map(entry => [entry.bpnl, { entry, epoch: '1' }]))

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
  return createGate(createDeclaredRecovery(restart)).isOpen(key, viewer)
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
  test('names exactly the partners and operations whose answers the gate and the authorization would change', () => {
    fc.assert(
      fc.property(state, state, asked, (before, after, pairs) => {
        const impact = impactOf(before, after, { declarations, recorded: recordedOf(pairs) })
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

  test('says the same whatever the order in which partners registered and operations were asked', () => {
    fc.assert(
      fc.property(state, state, asked, (before, after, pairs) => {
        const backwards = (at: RecoveryState) => ({ ...at, partners: new Map([...at.partners].toReversed()) })
        const there = impactOf(before, after, { declarations, recorded: recordedOf(pairs) })
        const back = impactOf(backwards(before), backwards(after), {
          declarations,
          recorded: recordedOf(pairs.toReversed()),
        })
        expect(back).toEqual(there)
      }),
      { numRuns: 50 },
    )
  })

  test('of what changes nothing names nothing', () => {
    fc.assert(
      fc.property(state, asked, (same, pairs) => {
        const impact = impactOf(same, structuredClone(same), { declarations, recorded: recordedOf(pairs) })
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

  test('shows the partners it answered, and the operations that they ask of it', () => {
    const recorded = createRecordedOperations({ max: 10, clock })
    const [parts, , , owed] = OPERATIONS
    if (!parts || !owed) throw new Error('the operations are gone')
    for (const bpnl of BPNLS) for (const plan of [parts, owed]) recorded.note(plan, viewerOf(entryOf(bpnl)))
    expect(impactOf(before, after, { declarations, recorded })).toEqual({
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
  ])('%s a partner changes every open system for it, and no other partner', (_grant, before, after, change) => {
    expect(impactOf(before, after, nothing).partners).toEqual(
      SYSTEM_KEYS.map(key => ({ bpnl, name: 'Partner A', system: key, change })),
    )
  })
})

test('a wave that LIMITED_OPEN takes in is shown although the lifecycle stays', () => {
  const partners = registered([entryOf('BPNL00000000000A'), entryOf('BPNL00000000000B', { wave: 2 })])
  const limited = (waves: readonly number[]) =>
    declaredState({ PARTS_LOGISTICS: { lifecycle: 'LIMITED_OPEN', waves } }, { partners })
  const impact = impactOf(limited([1]), limited([1, 2]), { declarations, recorded: recordedOf([[0, 1]]) })
  expect(impact.systems).toEqual([])
  expect(impact.partners.map(({ bpnl, change }) => [bpnl, change])).toEqual([
    ['BPNL00000000000B', 'REFUSED_TO_ANSWERED'],
  ])
  expect(impact.operations).toHaveLength(1)
})
