import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import { createDeclaredRecovery, type DeclaredRecovery } from '../../src/recovery/declared.ts'
import type { RecoveryState, SystemState } from '../../src/recovery/state.ts'

/** States of a restart for tests: every system open, but for what a test says. */

type Changes = Partial<Record<SystemKey, Partial<SystemState>>>

export function stateOf(systems: Changes = {}, rest: Partial<Omit<RecoveryState, 'systems'>> = {}): RecoveryState {
  return {
    incidentReference: 'INC-1',
    headline: 'Systems come back.',
    phase: 'RESILIENCE_AND_RECOVERY',
    updatedAt: '2025-10-07T08:00:00.000Z',
    nextUpdateBy: null,
    sites: [],
    plannedReopenings: [],
    updates: [],
    ...rest,
    systems: Object.fromEntries(SYSTEM_KEYS.map(key => [key, { ...openSystem(key), ...systems[key] }])) as Record<
      SystemKey,
      SystemState
    >,
  }
}

export function recoveryOf(systems: Changes = {}): DeclaredRecovery {
  return createDeclaredRecovery(stateOf(systems))
}

function openSystem(key: SystemKey): SystemState {
  return {
    key,
    name: `The ${key}`,
    lifecycle: 'OPEN',
    since: '2025-10-06T08:00:00.000Z',
    waves: [],
    nextUpdateBy: null,
    reconciledThrough: null,
    gap: null,
    objectives: {
      recoveryTimeObjective: 'P14D',
      recoveryPointObjective: 'PT4H',
      maximumTolerablePeriodOfDisruption: 'P30D',
      disruptedAt: '2025-09-01T02:00:00.000Z',
      restoredAt: null,
      recoveryPointAchieved: null,
    },
    knownLimitations: [],
    workaround: null,
    backlog: [],
  }
}
