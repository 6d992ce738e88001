import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  changesBetween,
  createRestartChanges,
  isSeenBy,
  type RestartChange,
  type RestartView,
} from '../../src/graphql/subscriptions/restart-changes.ts'
import { LIFECYCLES, SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import type { Evidence } from '../../src/recovery/reading/evidence.ts'
import type { Recovery } from '../../src/recovery/recovery.ts'
import type { PlannedReopening, RecoveryState, RestartUpdate } from '../../src/recovery/state.ts'
import type { SystemState, Transition } from '../../src/recovery/system-state.ts'
import { createDeclaredRecovery, declaredState } from '../support/declared-recovery.ts'

const update = (id: string, publishedAt: string): RestartUpdate => ({
  id,
  publishedAt,
  audience: [],
  isPublic: false,
  phase: 'RESILIENCE_AND_RECOVERY',
  title: id,
  body: '',
  affects: [],
})
const KEY: SystemKey = 'PARTS_LOGISTICS'
const REOPENING: PlannedReopening = {
  id: 'parts',
  system: KEY,
  bpns: null,
  waves: [],
  scheduledFor: '2025-10-08T06:00:00.000Z',
  scheduledUntil: null,
  status: 'SCHEDULED',
  conditions: 'Two attestations.',
  recordedAt: '2025-10-07T08:00:00.000Z',
}
const noEvidence = () => Object.fromEntries(SYSTEM_KEYS.map(key => [key, []])) as unknown as RestartView['evidence']
const view = (state: RecoveryState, evidence: readonly Evidence[] = []): RestartView => ({
  state,
  evidence: { ...noEvidence(), [KEY]: evidence },
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
        expect(changesBetween(view(stateOf(was)), view(after))).toMatchObject(
          SYSTEM_KEYS.filter((_, index) => was[index] !== is[index]).map(key => ({
            kind: 'system',
            system: after.systems[key],
            isPublic: true,
          })),
        )
      }),
    )
  })

  test('are the systems whose reopening has begun, where that is for all', () => {
    const stateOf = (status: PlannedReopening['status'], waves: readonly number[]) =>
      declaredState({ [KEY]: { lifecycle: 'VERIFIED' } }, { plannedReopenings: [{ ...REOPENING, status, waves }] })
    const changes = (waves: readonly number[]) =>
      changesBetween(view(stateOf('SCHEDULED', waves)), view(stateOf('IN_PROGRESS', waves)))
    expect(changes([])).toMatchObject([{ kind: 'system', system: { key: KEY }, isPublic: true }])
    expect(changes([1])).toEqual([])
  })

  test('are the updates that were published, the first one first', () => {
    const [a, b, c] = [update('a', '2025-10-07'), update('b', '2025-10-09'), update('c', '2025-10-08')]
    const stateOf = (...updates: readonly RestartUpdate[]) => declaredState({}, { updates })
    expect(named(changesBetween(view(stateOf(a)), view(stateOf(c, b, a))))).toEqual(['c', 'b'])
    expect(named(changesBetween(view(stateOf(a, b)), view(stateOf(a))))).toEqual([])
  })
})

describe('a system that has changed', () => {
  const suspension = {
    cause: 'FEED_SILENT',
    reason: 'r',
    at: '2025-10-07T08:00:00.000Z',
    from: 'OPEN',
    distrustSince: null,
    lastKnownGood: false,
    recorded: false,
  } as const
  const step: Transition = {
    from: 'VERIFIED',
    to: 'OPEN',
    at: '2025-10-07T08:00:00.000Z',
    recordedAt: '2025-10-07T08:00:01.000Z',
    sequence: 1,
    statement: 's',
    digest: 'd',
    signedBy: { keyId: 'k', name: 'n', role: 'RECOVERY_LEAD' },
    guards: [{ guard: 'G', outcome: 'PASSED', reason: 'r', code: null }],
  }
  const piece: Evidence = {
    kind: 'BACKUP_INTEGRITY',
    outcome: 'PASSED',
    attestedAt: '2025-10-07T08:00:00.000Z',
    attestedBy: 'FORENSICS_LEAD',
    expiresAt: '2025-10-08T08:00:00.000Z',
    digest: 'd',
  }
  const closed = { lifecycle: 'SUSPENDED', suspension } as const
  const limited = (...waves: readonly number[]) => ({ lifecycle: 'LIMITED_OPEN', waves }) as const
  type At = readonly [Partial<SystemState>, (readonly Evidence[])?]
  /** Who is told: everybody, of no wave; wave 1; who holds `evidence:read`. */
  function told([was, evidenceBefore]: At, [is, evidenceAfter]: At): readonly string[] {
    const at = (system: Partial<SystemState>, evidence?: readonly Evidence[]) =>
      view(declaredState({ [KEY]: system }), evidence)
    const changes = changesBetween(at(was, evidenceBefore), at(is, evidenceAfter))
    return changes.flatMap(change => {
      if (change.kind !== 'system') return []
      const seenBy = (wave: number | null, readsEvidence = false) => isSeenBy(change, { wave, readsEvidence })
      return [
        ...(seenBy(null) ? ['all'] : []),
        ...(seenBy(1) ? ['wave 1'] : []),
        ...(seenBy(null, true) ? ['evidence'] : []),
      ]
    })
  }
  const EVERYBODY = ['all', 'wave 1', 'evidence']

  test.each<readonly [string, At, At, readonly string[]]>([
    ['its lifecycle', [{}], [closed], EVERYBODY],
    ['a limitation', [{}], [{ knownLimitations: ['x'] }], EVERYBODY],
    ['the outcome of a piece of evidence', [{}, [piece]], [{}, [{ ...piece, outcome: 'EXPIRED' }]], EVERYBODY],
    ['who attested, and until when it counts', [{}, [piece]], [{}, [{ ...piece, expiresAt: null }]], ['evidence']],
    ['why it is closed', [closed], [{ ...closed, suspension: { ...suspension, cause: 'FOREIGN_ROWS' } }], ['evidence']],
    ['whether its closing is recorded', [closed], [{ ...closed, suspension: { ...suspension, recorded: true } }], []],
    ['the step behind the same state', [{}], [{ transitions: [step] }], ['evidence']],
    ['the waves, one of which is its own', [limited(2)], [limited(1, 2)], ['wave 1']],
    ['the waves of others', [limited(1)], [limited(1, 2)], []],
    ['what operators alone know', [{}], [{ priority: 3 }], []],
  ])('in %s is told to whom it changes something, and to nobody else', (_, before, after, readers) =>
    expect(told(before, after)).toEqual(readers),
  )
})

describe('who follows the restart', () => {
  const follow = (recovery = createDeclaredRecovery(declaredState())) => {
    let listening = 0
    let evidence: readonly Evidence[] = []
    const show = (...pieces: readonly Evidence[]) => {
      evidence = pieces
    }
    const counted: Recovery = {
      ...recovery,
      onChange(listener) {
        listening++
        const stop = recovery.onChange(listener)
        return () => {
          listening--
          stop()
        }
      },
    }
    const changes = createRestartChanges(counted, () => evidence)
    return { recovery, changes, listening: () => listening, show }
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

  test('is told of evidence that has fallen although nothing of the system itself has changed', async () => {
    const { recovery, changes, show } = follow()
    const events = changes(keyOf)
    show({
      kind: 'BACKUP_INTEGRITY',
      outcome: 'REVOKED',
      attestedAt: null,
      attestedBy: null,
      expiresAt: null,
      digest: null,
    })
    recovery.declare(declaredState({}, { updatedAt: '2025-10-08T00:00:00.000Z' }))
    expect((await events.next()).value).toBe('PARTS_LOGISTICS')
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
