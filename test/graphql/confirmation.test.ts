import { describe, expect, test } from '@jest/globals'
import { type ExecutionResult, GraphQLError } from 'graphql'
import { confirmAnswer } from '../../src/graphql/confirmation.ts'
import { gatewayErrorIn } from '../../src/graphql/error-format.ts'
import { deepFreeze } from '../../src/model/freeze.ts'
import type { SystemKey } from '../../src/model/system.ts'
import type { RecoveryState } from '../../src/recovery/state.ts'
import { createGate } from '../../src/systems/gate.ts'
import { recoveryOf } from '../support/declared-recovery.ts'
import { viewerOf } from '../systems/viewer.ts'
import { startSmallGateway } from './small-gateway.ts'

/** The state with these systems closed; the others are the same objects, and keep their epochs. */
function closing({ systems, ...rest }: RecoveryState, closed: readonly SystemKey[]): RecoveryState {
  const entries = closed.map(key => [key, { ...systems[key], lifecycle: 'SUSPENDED' }] as const)
  return { ...rest, systems: { ...systems, ...Object.fromEntries(entries) } }
}

const viewer = viewerOf()

/** An answer that was read while every system was open, and is confirmed when these are closed. */
function confirmed(
  answer: ExecutionResult,
  under: Readonly<Record<string, readonly SystemKey[]>>,
  closed: readonly SystemKey[],
  met: readonly SystemKey[] = closed,
  entitiesUnder: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
): ExecutionResult {
  const recovery = recoveryOf()
  const gate = createGate(recovery, () => {})
  const epochs = new Map(met.map(system => [system, gate.admit(system, viewer)]))
  recovery.declare(closing(recovery.current().state, closed))
  const systemsUnder = new Map(Object.entries(under).map(([key, systems]) => [key, new Set(systems)]))
  return confirmAnswer(deepFreeze(answer), { viewer, epochs }, { systemsUnder, entitiesUnder }, gate)
}

const errorsOf = ({ errors = [] }: ExecutionResult) =>
  errors.map(error => [error.path?.join('.'), gatewayErrorIn(error)?.details.system ?? error.message])

describe('an answer', () => {
  test('is handed on as it is while nothing has changed', () => {
    const answer = { data: { part: { value: 'a' } } }
    expect(confirmed(answer, { part: ['PARTS_LOGISTICS'] }, [], ['PARTS_LOGISTICS'])).toBe(answer)
  })

  test('keeps the length of a list of entities, which may not be null itself', () => {
    const answer = { data: { _entities: [{ partNumber: 'A' }, null], list: ['a'] } }
    const under = { _entities: ['PARTS_LOGISTICS'], list: ['PARTS_LOGISTICS'] } as const
    const entities = new Map([['_entities', new Set(['Part'])]])
    const result = confirmed(answer, under, ['PARTS_LOGISTICS'], ['PARTS_LOGISTICS'], entities)
    expect(JSON.stringify(result.data)).toBe('{"_entities":[null,null],"list":null}')
    expect(errorsOf(result)).toEqual([
      ['_entities', 'PARTS_LOGISTICS'],
      ['list', 'PARTS_LOGISTICS'],
    ])
  })

  test('loses every root field under which a closed system was read, and no other; nothing shared is changed', () => {
    const answer = { data: { deep: { of: 'parts' }, part: { value: 'a' }, mine: { value: 'b' }, plain: 'c' } }
    const under = {
      deep: ['WHOLESALE_FINANCE', 'PARTS_LOGISTICS'],
      part: ['PARTS_LOGISTICS'],
      mine: ['WHOLESALE_FINANCE'],
      plain: [],
    } as const
    const result = confirmed(answer, under, ['PARTS_LOGISTICS'], ['WHOLESALE_FINANCE', 'PARTS_LOGISTICS'])
    expect(JSON.stringify(result.data)).toBe('{"deep":null,"part":null,"mine":{"value":"b"},"plain":"c"}')
    expect(errorsOf(result)).toEqual([
      ['deep', 'PARTS_LOGISTICS'],
      ['part', 'PARTS_LOGISTICS'],
    ])
    expect(answer.data.part).toEqual({ value: 'a' })
  })

  test('says why a field is gone in place of what had failed below it, and keeps the errors of the others', () => {
    const errors = [['part', 'lines', 0], ['mine'], []].map(path => new GraphQLError('failed', { path }))
    const result = confirmed({ data: { part: {}, mine: null }, errors }, { part: ['PARTS_LOGISTICS'], mine: [] }, [
      'PARTS_LOGISTICS',
    ])
    expect(errorsOf(result)).toEqual([
      ['mine', 'failed'],
      ['', 'failed'],
      ['part', 'PARTS_LOGISTICS'],
    ])
  })

  test('says that a record is out of reach where it had said that there is none', () =>
    expect(errorsOf(confirmed({ data: { part: null } }, { part: ['PARTS_LOGISTICS'] }, ['PARTS_LOGISTICS']))).toEqual([
      ['part', 'PARTS_LOGISTICS'],
    ]))

  test('names the same system whichever it met first', () => {
    const under = { deep: ['PRODUCTION_SCHEDULE', 'PARTS_LOGISTICS'] } as const
    const met = ['PRODUCTION_SCHEDULE', 'PARTS_LOGISTICS'] as const
    for (const order of [met, met.toReversed()])
      expect(errorsOf(confirmed({ data: { deep: {} } }, under, order))).toEqual([['deep', 'PARTS_LOGISTICS']])
  })

  test('leaves to the guard what it refused itself: a system that was never met has nothing in the answer', () => {
    const answer = { data: { part: null }, errors: [new GraphQLError('closed', { path: ['part'] })] }
    expect(confirmed(answer, { part: ['PARTS_LOGISTICS'] }, ['PARTS_LOGISTICS'], [])).toBe(answer)
  })

  test('is found under a name that objects have by nature', () => {
    const data: unknown = JSON.parse('{"__proto__":{"value":"a"},"constructor":{"value":"b"}}')
    const under = Object.fromEntries<readonly SystemKey[]>([
      ['__proto__', ['PARTS_LOGISTICS']],
      ['constructor', []],
    ])
    const result = confirmed({ data: data as Record<string, unknown> }, under, ['PARTS_LOGISTICS'])
    expect(JSON.stringify(result.data)).toBe('{"__proto__":null,"constructor":{"value":"b"}}')
  })
})

describe('the execution', () => {
  const thing = { id: 'r', value: 'a' }
  const QUERY = '{ other: mine { value } ...Deep plain } fragment Deep on Query { mine { value stock } }'

  /** Answers everything at once but `plain`, during which something happens. */
  async function gatewayWith(meanwhile: { run: () => void }) {
    return startSmallGateway({
      Query: {
        catalogue: () => thing,
        mine: () => thing,
        fresh: () => null,
        plain: async () => {
          for (let turn = 0; turn < 100; turn++) await Promise.resolve()
          meanwhile.run()
          return 'last'
        },
      },
      Thing: { stock: () => 'many' },
    })
  }

  test('confirms compiled answers as it does interpreted ones, below another system and in fragments', async () => {
    const meanwhile = { run: () => {} }
    const gateway = await gatewayWith(meanwhile)
    const open = gateway.recovery.current().state
    // Interpreted at first; compiled from the second time on.
    for (let time = 0; time < 4; time++) {
      gateway.recovery.declare(open)
      meanwhile.run = () => gateway.recovery.declare(closing(open, ['PARTS_LOGISTICS']))
      expect(await gateway.ask(viewer, QUERY)).toEqual({
        data: { other: { value: 'a' }, mine: null, plain: 'last' },
        errors: [['mine', 'SYSTEM_NOT_OPEN']],
      })
    }
    gateway.recovery.declare(open)
    meanwhile.run = () => {}
    expect((await gateway.ask(viewer, QUERY)).data).toEqual({
      other: { value: 'a' },
      mine: { value: 'a', stock: 'many' },
      plain: 'last',
    })
  })

  test('gives nothing to a viewer that has lost its rights meanwhile, even where no system is read', async () => {
    const meanwhile = { run: () => {} }
    const gateway = await gatewayWith(meanwhile)
    meanwhile.run = gateway.forbid
    await expect(gateway.ask(viewer, '{ plain }')).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})
