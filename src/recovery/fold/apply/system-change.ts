import type { SystemKey } from '../../../model/system.ts'
import type { RecoveryState } from '../../state.ts'
import { systemOf } from '../../statements/vocabulary.ts'
import type { SystemState } from '../../system-state.ts'

/** The state with one system changed; the same object where the change gives the same system. Called by the kinds. */
export function changeSystem(
  state: RecoveryState,
  key: SystemKey,
  change: (system: SystemState) => SystemState,
): RecoveryState {
  const before = state.systems[key]
  const after = change(before)
  return after === before ? state : { ...state, systems: { ...state.systems, [key]: after } }
}

/** The same for the system that a statement is about. */
export function changeSubject(
  state: RecoveryState,
  claims: { readonly sub: string },
  change: (system: SystemState) => SystemState,
): RecoveryState {
  return changeSystem(state, systemOf(claims.sub), change)
}
