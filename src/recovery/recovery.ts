import type { SystemKey } from '../model/system.ts'
import type { RecoveryState } from './state.ts'

/** Where everything above reads the state of the restart, and hears of its changes. */

/** A state with the epoch of each system: what was cached under an earlier epoch is unreachable. */
export interface RecoverySnapshot {
  readonly state: RecoveryState
  readonly epochs: Readonly<Record<SystemKey, string>>
}

/** Where the gate and the graph read the state of the restart. */
export interface Recovery {
  /** The state as of now; cheap, and the same object until something changes. */
  current(): RecoverySnapshot
  /** Calls back after each change, with the snapshots before and after; returns what ends it. */
  onChange(listener: RecoveryListener): () => void
}

export type RecoveryListener = (before: RecoverySnapshot, after: RecoverySnapshot) => void
