import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { deepFreeze } from '../model/freeze.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Recovery, RecoverySnapshot, RecoveryState } from './state.ts'

/** A restart whose state is declared as a whole and can be declared anew while the gateway serves. */
export interface DeclaredRecovery extends Recovery {
  /** Takes effect with the very next read; a system whose state differs gets a new epoch, the others keep theirs. */
  declare(state: RecoveryState): void
}

/**
 * Holds a declared state. Epochs name this process and count upwards: a system that closes and opens again with the
 * same words is in a new epoch all the same, so nothing cached before the closing comes back.
 */
export function createDeclaredRecovery(initial: RecoveryState): DeclaredRecovery {
  const process = randomUUID()
  let count = 0
  const freshEpoch = () => `${process}.${++count}`
  let snapshot: RecoverySnapshot = {
    state: deepFreeze(structuredClone(initial)),
    epochs: Object.fromEntries(SYSTEM_KEYS.map(key => [key, freshEpoch()])) as Record<SystemKey, string>,
  }
  return {
    current: () => snapshot,
    declare(next) {
      const { state, epochs } = snapshot
      const changed = SYSTEM_KEYS.filter(key => !isDeepStrictEqual(state.systems[key], next.systems[key]))
      snapshot = {
        state: deepFreeze(structuredClone(next)),
        epochs: { ...epochs, ...Object.fromEntries(changed.map(key => [key, freshEpoch()])) },
      }
    },
  }
}
