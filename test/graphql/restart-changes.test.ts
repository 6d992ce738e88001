import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { changesBetween, createRestartChanges, type RestartChange } from '../../src/graphql/restart-changes.ts'
import { LIFECYCLES, SYSTEM_KEYS } from '../../src/model/system.ts'
import type { RestartUpdate } from '../../src/recovery/state.ts'
import { createDeclaredRecovery, declaredState } from '../support/declared-recovery.ts'

const update = (id: string, publishedAt: string): RestartUpdate => ({
  id,
  publishedAt,
  audience: [],
  title: id,
  body: '',
  affects: [],
})
const named = (changes: readonly RestartChange[]) =>
  changes.map(change => (change.kind === 'system' ? change.system.key : change.update.id))

describe('the changes from one state to another', () => {
  test('are the systems that partners see otherwise, each once and as it is now', () => {
    const lifecycles = fc.tuple(...SYSTEM_KEYS.map(() => fc.constantFrom(...LIFECYCLES)))
    fc.assert(
      fc.property(lifecycles, lifecycles, (was, is) => {
        const stateOf = (all: typeof was) =>
          declaredState(Object.fromEntries(SYSTEM_KEYS.map((key, index) => [key, { lifecycle: all[index] ?? 'OPEN' }])))
        const after = stateOf(is)
        expect(changesBetween(stateOf(was), after)).toEqual(
          SYSTEM_KEYS.filter((_, index) => was[index] !== is[index]).map(key => ({
            kind: 'system',
            system: after.systems[key],
          })),
        )
      }),
    )
  })

  test('are not what only the journal knows: a closing is told once, not again when it is recorded', () => {
    const suspendedState = (recorded: boolean) =>
      declaredState({
        PARTS_LOGISTICS: {
          lifecycle: 'SUSPENDED',
          suspension: {
            cause: 'FEED_SILENT',
            reason: 'r',
            at: '2025-10-07T08:00:00.000Z',
            from: 'OPEN',
            distrustSince: null,
            recorded,
          },
        },
      })
    expect(named(changesBetween(declaredState(), suspendedState(false)))).toEqual(['PARTS_LOGISTICS'])
    expect(changesBetween(suspendedState(false), suspendedState(true))).toEqual([])
  })

  test('are the updates that were published, the first one first', () => {
    const [a, b, c] = [update('a', '2025-10-07'), update('b', '2025-10-09'), update('c', '2025-10-08')]
    const stateOf = (...updates: readonly RestartUpdate[]) => declaredState({}, { updates })
    expect(named(changesBetween(stateOf(a), stateOf(c, b, a)))).toEqual(['c', 'b'])
    expect(named(changesBetween(stateOf(a, b), stateOf(a)))).toEqual([])
  })
})

describe('who follows the restart', () => {
  const follow = (recovery = createDeclaredRecovery(declaredState())) => {
    let listening = 0
    const changes = createRestartChanges({
      ...recovery,
      onChange(listener) {
        listening++
        const stop = recovery.onChange(listener)
        return () => {
          listening--
          stop()
        }
      },
    })
    return { recovery, changes, listening: () => listening }
  }
  const keyOf = (change: RestartChange) => (change.kind === 'system' ? change.system.key : null)

  test('is given what happens from then on, and only what is asked for', async () => {
    const { recovery, changes } = follow()
    recovery.declare(declaredState({ PARTS_LOGISTICS: { lifecycle: 'SUSPENDED' } }))
    const events = changes(keyOf)
    recovery.declare(declaredState({}, { updates: [update('a', '2025-10-07')] }))
    recovery.declare(declaredState({ WHOLESALE_FINANCE: { lifecycle: 'SUSPENDED' } }))
    expect([(await events.next()).value, (await events.next()).value]).toEqual(['PARTS_LOGISTICS', 'WHOLESALE_FINANCE'])
  })

  test('costs the restart one listener, however many they are, and none when all have gone', async () => {
    const { changes, listening } = follow()
    const followers = Array.from({ length: 5 }, () => changes(keyOf))
    expect(listening()).toBe(1)
    for (const follower of followers) await follower.return?.()
    expect(listening()).toBe(0)
    await changes(keyOf).return?.()
    expect(listening()).toBe(0)
  })
})
