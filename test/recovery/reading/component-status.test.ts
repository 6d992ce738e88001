import { describe, expect, test } from '@jest/globals'
import { LIFECYCLES, type SystemLifecycle } from '../../../src/model/system.ts'
import { componentStatusOf, isReopening } from '../../../src/recovery/reading/component-status.ts'
import type { PlannedReopening } from '../../../src/recovery/state.ts'
import type { SystemState } from '../../../src/recovery/system-state.ts'

const planned = (change: Partial<PlannedReopening> = {}): PlannedReopening => ({
  id: 'parts',
  system: 'PARTS_LOGISTICS',
  bpns: null,
  waves: [],
  scheduledFor: '2025-10-08T06:00:00.000Z',
  scheduledUntil: null,
  status: 'IN_PROGRESS',
  conditions: 'Two attestations.',
  recordedAt: '2025-10-07T08:00:00.000Z',
  ...change,
})
/** With the steps that it took, and when each was recorded. */
const system = (...steps: readonly (readonly [to: SystemLifecycle, recordedAt: string])[]) =>
  ({
    key: 'PARTS_LOGISTICS',
    transitions: steps.map(([to, recordedAt]) => ({ to, recordedAt })),
  }) as unknown as Pick<SystemState, 'key' | 'transitions'>

describe('the status of a component', () => {
  test('is under maintenance while a closed system is being reopened, and not where it was closed again', () => {
    const facts = { isDegraded: false, isReopening: true }
    const under = LIFECYCLES.filter(lifecycle => componentStatusOf(lifecycle, facts) === 'UNDER_MAINTENANCE')
    expect(under).toEqual(['ISOLATED', 'CLEARED_FOR_RESTORE', 'RESTORING', 'QUARANTINED', 'VERIFIED'])
    expect(componentStatusOf('SUSPENDED', facts)).toBe('MAJOR_OUTAGE')
    // Those that it answers are not to be told that it is away.
    expect(componentStatusOf('LIMITED_OPEN', facts)).toBe('PARTIAL_OUTAGE')
    expect(componentStatusOf('OPEN', { ...facts, isDegraded: true })).toBe('DEGRADED_PERFORMANCE')
  })
})

describe('a system is being reopened', () => {
  test.each([
    ['while that goes on', {}, true],
    ['while it is verified', { status: 'VERIFYING' }, true],
    ['not before', { status: 'SCHEDULED' }, false],
    ['not after', { status: 'COMPLETED' }, false],
    ['not where it was given up', { status: 'WITHDRAWN' }, false],
    ['not where that is for some waves, of which others know nothing', { waves: [1] }, false],
    ['not where it is another', { system: 'WHOLESALE_FINANCE' }, false],
  ] as const)('%s', (_, change, expected) => {
    expect(isReopening(system(), [planned(change)])).toBe(expected)
  })

  test('by no plan from before it was isolated again', () => {
    const restored = ['RESTORING', '2025-10-07T09:00:00.000Z'] as const
    expect(isReopening(system(['ISOLATED', '2025-10-06T08:00:00.000Z'], restored), [planned()])).toBe(true)
    expect(isReopening(system(restored, ['ISOLATED', '2025-10-07T10:00:00.000Z']), [planned()])).toBe(false)
  })
})
