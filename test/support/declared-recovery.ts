import { isDeepStrictEqual } from 'node:util'
import { deepFreeze } from '../../src/model/freeze.ts'
import type { PartnerEntry } from '../../src/model/partner-entry.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../src/model/system.ts'
import { initialSnapshot } from '../../src/recovery/fold/initial.ts'
import type { Recovery, RecoveryListener, RecoverySnapshot } from '../../src/recovery/recovery.ts'
import type { RecoveryState, RegisteredPartner } from '../../src/recovery/state.ts'
import type { SystemState } from '../../src/recovery/system-state.ts'

/** A restart whose state a test declares as a whole, and declares anew while the gateway serves: no journal, no guards. */
export interface DeclaredRecovery extends Recovery {
  /** Takes effect with the very next read; a system whose state differs gets a new epoch, the others keep theirs. */
  declare(state: RecoveryState): void
  /** Replaces the partners; those whose entries are equal keep their epochs. */
  grant(entries: readonly PartnerEntry[]): void
}

export function createDeclaredRecovery(initial: RecoveryState): DeclaredRecovery {
  let count = 0
  const freshEpoch = () => `declared.${++count}`
  let snapshot: RecoverySnapshot = {
    state: frozen(initial),
    epochs: Object.fromEntries(SYSTEM_KEYS.map(key => [key, freshEpoch()])) as Record<SystemKey, string>,
  }
  const listeners = new Set<RecoveryListener>()
  function become(after: RecoverySnapshot): void {
    const before = snapshot
    snapshot = after
    for (const listener of listeners) listener(before, after)
  }
  return {
    current: () => snapshot,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    declare(next) {
      const { state, epochs } = snapshot
      const changed = SYSTEM_KEYS.filter(key => !isDeepStrictEqual(state.systems[key], next.systems[key]))
      become({
        state: frozen(next),
        epochs: { ...epochs, ...Object.fromEntries(changed.map(key => [key, freshEpoch()])) },
      })
    },
    grant(entries) {
      const { state, epochs } = snapshot
      const partners = new Map(
        entries.map((entry): [string, RegisteredPartner] => {
          const known = state.partners.get(entry.bpnl)
          return [
            entry.bpnl,
            known && isDeepStrictEqual(known.entry, entry)
              ? known
              : { entry, epoch: freshEpoch(), grantedAt: state.updatedAt },
          ]
        }),
      )
      become({ state: frozen({ ...state, partners }), epochs })
    },
  }
}

/** A declared restart in which every system is open to all, but for what is said. */
export function recoveryOf(systems: Partial<Record<SystemKey, Partial<SystemState>>> = {}): DeclaredRecovery {
  return createDeclaredRecovery(declaredState(systems))
}

/** Every system open to all, but for what is said. */
export function declaredState(
  systems: Partial<Record<SystemKey, Partial<SystemState>>> = {},
  rest: Partial<Omit<RecoveryState, 'systems'>> = {},
): RecoveryState {
  const { state } = initialSnapshot('INC-1', '2025-10-07T08:00:00.000Z')
  return {
    ...state,
    headline: 'Systems come back.',
    phase: 'RESILIENCE_AND_RECOVERY',
    ...rest,
    systems: Object.fromEntries(
      SYSTEM_KEYS.map(key => [key, { ...state.systems[key], ...OPEN, ...systems[key] }]),
    ) as Record<SystemKey, SystemState>,
  }
}

const OPEN: Partial<SystemState> = {
  lifecycle: 'OPEN',
  since: '2025-10-06T08:00:00.000Z',
  disruptedAt: '2025-09-01T02:00:00.000Z',
  objectives: {
    recoveryTimeObjective: 'P14D',
    recoveryPointObjective: 'PT4H',
    maximumTolerablePeriodOfDisruption: 'P30D',
  },
}

/** What was declared before is frozen already and kept as it is: states follow one another by the hundred, and differ little. */
function frozen(state: RecoveryState): RecoveryState {
  const { partners, revoked, systems, ...rest } = state
  const owned = Object.fromEntries(SYSTEM_KEYS.map(key => [key, own(systems[key])])) as Record<SystemKey, SystemState>
  const others = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, own(value)])) as typeof rest
  return Object.freeze({ ...others, systems: Object.freeze(owned), partners, revoked })
}

const own = <T>(value: T): T => (Object.isFrozen(value) ? value : deepFreeze(structuredClone(value)))
