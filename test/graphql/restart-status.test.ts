import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { PlannedReopening } from '../../src/recovery/state.ts'
import type { BacklogMeasure, SystemState, Transition } from '../../src/recovery/system-state.ts'
import { declaredState } from '../support/declared-recovery.ts'
import { partner, type StreamServer, startStreamServer } from './stream-server.ts'

/** What partners read of the restart, beside what is pushed. */

let server: StreamServer
beforeAll(async () => {
  server = await startStreamServer({
    partners: [
      partner('first', { wave: 1 }),
      partner('second', { wave: 2 }),
      partner('none'),
      partner('portal', { roles: ['SUPPLIER'], scopes: ['restart:read', 'payments:read'] }),
      partner('inside', { roles: ['INTERNAL'], scopes: ['restart:read', 'evidence:read'] }),
    ],
  })
})
afterAll(() => server.close())

const declare = (systems: Parameters<typeof declaredState>[0], rest: Parameters<typeof declaredState>[1] = {}) =>
  server.recovery.declare(declaredState(systems, { ...rest, partners: server.recovery.current().state.partners }))
beforeEach(() => declare({}))

const system = async (fields: string, client = 'none') =>
  (await server.answer(client, `{ restoredSystem(key: PARTS_LOGISTICS) { ${fields} } }`)).data.restoredSystem

const reopening = (id: string, waves: readonly number[]): PlannedReopening => ({
  id,
  system: 'PARTS_LOGISTICS',
  bpns: null,
  waves,
  scheduledFor: '2025-10-08T06:00:00.000Z',
  scheduledUntil: null,
  status: 'SCHEDULED',
  conditions: 'Two attestations.',
  recordedAt: '2025-10-07T08:00:00.000Z',
})

describe('a planned reopening', () => {
  test.each([
    ['first', ['all', 'first', 'both']],
    ['second', ['all', 'both']],
    ['none', ['all']],
    ['inside', ['all', 'first', 'both']],
  ])('is shown to the partners that it is meant for: %s', async (client, ids) => {
    declare({}, { plannedReopenings: [reopening('all', []), reopening('first', [1]), reopening('both', [1, 2])] })
    const { data } = await server.answer(client, '{ restartStatus { plannedReopenings { id waves } } }')
    expect(data.restartStatus.plannedReopenings.map(({ id }: { id: string }) => id)).toEqual(ids)
  })
})

test('the caller’s wave is its own', async () => {
  const waves = []
  for (const client of ['first', 'second', 'none'])
    waves.push((await server.answer(client, '{ viewer { wave } }')).data.viewer.wave)
  expect(waves).toEqual([1, 2, null])
})

describe('a restored system', () => {
  test.each([
    ['first', [true, false, true]],
    ['second', [false, false, true]],
    ['none', [false, false, true]],
  ])('says whether it answers the caller: %s', async (client, answers) => {
    const seen = []
    for (const state of [
      { lifecycle: 'LIMITED_OPEN', waves: [1] },
      { lifecycle: 'SUSPENDED', waves: [1] },
      {},
    ] as const) {
      declare({ PARTS_LOGISTICS: state })
      seen.push((await system('answersViewer', client)).answersViewer)
    }
    expect(seen).toEqual(answers)
  })

  const objectives =
    'objectives { recoveryTimeObjective disruptedAt restoredAt recoveryTimeAchieved recoveryPointAchieved }'
  const restored = (completedAt: string | null, recoveryPoint: string | null = null): Partial<SystemState> => ({
    restoration: {
      backup: {
        id: 'b',
        takenAt: '2025-08-18T02:00:00.000Z',
        digest: 'a'.repeat(64),
        malwareStatus: 'CLEAN',
        scannedAt: '2025-09-20T02:00:00.000Z',
      },
      environment: 'segment-r2',
      completedAt,
      manifest: null,
      recoveryPoint,
    },
  })

  test('has objectives once they are set, and what was reached of them once it was', async () => {
    declare({ PARTS_LOGISTICS: { objectives: null } })
    expect(await system(objectives)).toEqual({ objectives: null })
    declare({ PARTS_LOGISTICS: restored('2025-09-24T08:30:00.000Z', '2025-09-01T01:45:00.000Z') })
    expect(await system(objectives)).toEqual({
      objectives: {
        recoveryTimeObjective: 'P14D',
        disruptedAt: '2025-09-01T02:00:00.000Z',
        restoredAt: '2025-09-24T08:30:00.000Z',
        recoveryTimeAchieved: 'P23DT6H30M',
        recoveryPointAchieved: '2025-09-01T01:45:00.000Z',
      },
    })
  })

  test.each([
    ['2025-09-01T02:00:00.000Z', 'PT0S'],
    ['2025-09-01T02:00:59.999Z', 'PT59S'],
    ['2025-09-02T02:00:00.000Z', 'P1D'],
    ['2025-09-03T03:00:01.000Z', 'P2DT1H1S'],
    ['2025-09-01T01:59:59.000Z', null],
    [null, null],
  ])('restored at %s took %s', async (completedAt, taken) => {
    declare({ PARTS_LOGISTICS: restored(completedAt) })
    expect((await system('objectives { recoveryTimeAchieved }')).objectives).toEqual({ recoveryTimeAchieved: taken })
  })

  test('shows internal readers the last step, its guards and its signatory', async () => {
    const step = (to: Transition['to']): Transition => ({
      from: 'VERIFIED',
      to,
      at: '2025-10-05T08:00:00.000Z',
      recordedAt: '2025-10-05T08:00:01.000Z',
      sequence: 9,
      statement: 's',
      digest: 'd'.repeat(64),
      signedBy: { keyId: 'k', role: 'RECOVERY_LEAD', name: 'R. Lead' },
      guards: [{ guard: 'READ_ONLY_PROVEN', outcome: 'PASSED', reason: 'A write was refused.', code: 'RC.RP-04' }],
    })
    declare({ PARTS_LOGISTICS: { transitions: [step('VERIFIED'), step('LIMITED_OPEN')] } })
    const fields =
      'lastTransition { from to at recordedAt statementDigest signedBy { name role } guards { guard outcome reason code } }'
    expect(await system(fields, 'inside')).toEqual({
      lastTransition: {
        from: 'VERIFIED',
        to: 'LIMITED_OPEN',
        at: '2025-10-05T08:00:00.000Z',
        recordedAt: '2025-10-05T08:00:01.000Z',
        statementDigest: 'd'.repeat(64),
        signedBy: { name: 'R. Lead', role: 'RECOVERY_LEAD' },
        guards: [{ guard: 'READ_ONLY_PROVEN', outcome: 'PASSED', reason: 'A write was refused.', code: 'RC.RP-04' }],
      },
    })
  })

  test.each([
    'restoredSystem(key: PARTS_LOGISTICS) { lastTransition { at } }',
    'restoredSystem(key: PARTS_LOGISTICS) { suspension { cause } }',
    'restoredSystem(key: PARTS_LOGISTICS) { evidence { attestedBy } }',
    'restoredSystem(key: PARTS_LOGISTICS) { evidence { expiresAt } }',
    'restartStatus { systems { evidence { statementDigest } } }',
    'restartStatus { intrusion { revision } }',
  ])('and nobody else: %s', async field => {
    await expect(server.answer('first', `{ ${field} }`)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(server.answer('inside', `{ ${field} }`)).resolves.not.toHaveProperty('errors')
  })

  test('shows everybody which evidence there is, its outcome and its time', async () =>
    expect(await system('evidence { kind outcome attestedAt }')).toEqual({
      evidence: [{ kind: 'BACKUP_INTEGRITY', outcome: 'PASSED', attestedAt: '2025-10-01T00:00:00.000Z' }],
    }))
})

describe('a backlog', () => {
  /** Shrinks by 100 a day, so that `open` are cleared so many days after the last measurement. */
  const measure = (open: number, concerns: BacklogMeasure['concerns'] = 'SUPPLIER_PAYMENTS'): BacklogMeasure => ({
    name: `of ${open}`,
    concerns,
    measuredAt: '2025-10-07T00:00:00.000Z',
    open,
    clearedLast24h: 100,
    oldest: null,
    history: [0, 1, 2, 3].map(days => ({
      measuredAt: new Date(Date.parse('2025-10-04T00:00:00.000Z') + days * 86_400_000).toISOString(),
      open: open + (3 - days) * 100,
    })),
  })
  const unmeasured: BacklogMeasure = { ...measure(50), history: [] }

  test('says when it was counted, and when it is expected to be cleared', async () => {
    declare({ PARTS_LOGISTICS: { backlog: [measure(500), unmeasured] } })
    expect(await system('backlog { name measuredAt open estimatedClearDate }')).toEqual({
      backlog: [
        { name: 'of 500', measuredAt: '2025-10-07T00:00:00.000Z', open: 500, estimatedClearDate: '2025-10-12' },
        { name: 'of 50', measuredAt: '2025-10-07T00:00:00.000Z', open: 50, estimatedClearDate: null },
      ],
    })
  })

  test.each<[string, readonly BacklogMeasure[], string | null]>([
    ['the last of those that payments wait for', [measure(500), measure(1_000)], '2025-10-17'],
    ['not that of another', [measure(500), measure(1_000, null)], '2025-10-12'],
    ['unknown while one of them cannot be told', [measure(500), unmeasured], null],
    ['unknown where none is measured', [measure(500, null)], null],
  ])('reaches the calling supplier on a day: %s', async (_, backlog, date) => {
    declare({ WHOLESALE_FINANCE: { backlog } })
    const provenance = { asOf: '2025-10-07T08:00:00.000Z' }
    const reads = { all: () => Promise.resolve({ records: [], provenance }) } as never
    expect(await server.answer('portal', '{ supplierPosition { expectedBacklogClearDate } }', reads)).toEqual({
      data: { supplierPosition: { expectedBacklogClearDate: date } },
    })
  })
})
