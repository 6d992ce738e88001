import { describe, expect, test } from '@jest/globals'
import { parse } from 'graphql'
import { planning as planningPlugin } from '../../src/graphql/planning.ts'
import { GatewayError } from '../../src/model/errors.ts'
import type { Viewer } from '../../src/model/viewer.ts'
import type { Question } from '../../src/operations/question.ts'
import { createRecordedOperations } from '../../src/operations/recorded-operations.ts'
import { plannerOf, planning, schemaOf } from './planning.ts'

const schema = schemaOf(`type Query {
    stock: Int @source(system: PARTS_LOGISTICS) @requiresScopes(scopes: [["parts:read"]]) @partition(by: [])
    owed: Int @source(system: WHOLESALE_FINANCE) @requiresScopes(scopes: [["payments:read"]]) @partition(by: [])
    now: Int
  }`)
const planOf = planning(schema)

const viewer = (bpnl: string): Viewer => ({
  partner: { bpnl, name: bpnl, roles: ['RETAILER'], sites: [], wave: null },
  clientId: bpnl,
  scopes: new Set(),
  epoch: '1',
  operationCostLimit: 1,
  costPerMinute: 1,
})
const [a, b, c] = [viewer('BPNL00000000000A'), viewer('BPNL00000000000B'), viewer('BPNL00000000000C')]

function recorded(options: { max?: number; maxPartners?: number } = {}) {
  const clock = { ms: 0, now: () => clock.ms }
  return { clock, ...createRecordedOperations({ max: 10, ...options, clock }) }
}

describe('an operation that partners ask', () => {
  test('is kept with the systems it reads, who asked, how often and when last', () => {
    const { clock, note, list } = recorded()
    const both = planOf('query Both { owed stock }')
    note(both, a)
    clock.ms = 5
    note(both, b)
    note(both, a)
    expect(list()).toEqual([
      {
        key: both.key,
        name: 'Both',
        systems: ['PARTS_LOGISTICS', 'WHOLESALE_FINANCE'],
        guarded: both.guarded,
        partners: new Set([a.partner.bpnl, b.partner.bpnl]),
        timesAsked: 3,
        lastAskedMs: 5,
      },
    ])
  })

  test('and that reads no system is not kept', () => {
    const { note, list } = recorded()
    note(planOf('{ now }'), a)
    expect(list()).toEqual([])
  })

  test('is told apart from another without a name', () => {
    const { note, list } = recorded()
    note(planOf('{ stock }'), a)
    note(planOf('{ owed }'), a)
    expect(list().map(({ name, systems }) => [name, systems])).toEqual([
      [null, ['WHOLESALE_FINANCE']],
      [null, ['PARTS_LOGISTICS']],
    ])
  })
})

describe('what is kept is bounded:', () => {
  test('the operations asked last', () => {
    const { note, list } = recorded({ max: 2 })
    for (const name of ['First', 'Second', 'First', 'Third']) note(planOf(`query ${name} { stock }`), a)
    expect(list().map(({ name }) => name)).toEqual(['Third', 'First'])
  })

  test('the first partners of each, while all are counted', () => {
    const { note, list } = recorded({ maxPartners: 2 })
    for (const asking of [a, b, c, a]) note(planOf('{ stock }'), asking)
    expect(list()[0]).toMatchObject({ partners: new Set([a.partner.bpnl, b.partner.bpnl]), timesAsked: 4 })
  })
})

describe('an operation is noted', () => {
  const recording = recorded()

  /** What the protocol does with an operation before it runs. */
  async function plan(source: string, scopes: readonly string[], spend: () => Promise<void>) {
    const options = {
      planner: plannerOf(schema),
      assertTrusted: () => {},
      spend,
      note: (question: Question, viewer: Viewer) => recording.note(question.plan, viewer),
      share: () => {},
    }
    const listener = await planningPlugin(options).requestDidStart?.({} as never)
    const contextValue = { viewer: { ...a, scopes: new Set(scopes) } }
    const asked = { source, document: parse(source), request: {}, metrics: {}, contextValue }
    await listener?.didResolveOperation?.(asked as never)
  }

  test('once it is authorised and paid for, and not before', async () => {
    const paid = async () => {}
    await expect(plan('{ stock }', [], paid)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const broke = async () => Promise.reject(new GatewayError('RATE_LIMITED', 'Later.'))
    await expect(plan('{ stock }', ['parts:read'], broke)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    expect(recording.list()).toEqual([])

    await plan('{ stock }', ['parts:read'], paid)
    expect(recording.list()).toMatchObject([{ systems: ['PARTS_LOGISTICS'], timesAsked: 1 }])
  })
})
