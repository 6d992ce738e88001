import { keyOf } from '../model/key.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import type { Recovery, RecoverySnapshot } from '../recovery/recovery.ts'
import type { SystemHealth } from '../systems/restored-system.ts'

/**
 * Names everything that the gateway's own fields tell of, but the time of day: the state of the restart and the health of
 * the systems. What was answered under another version is not given again. For the keys of one process.
 */
export type RestartVersion = () => string

export interface RestartVersionOptions {
  readonly recovery: Pick<Recovery, 'current'>
  readonly healthOf: (system: SystemKey) => SystemHealth
}

export function createRestartVersion({ recovery, healthOf }: RestartVersionOptions): RestartVersion {
  let snapshot: RecoverySnapshot | null = null
  let revision = 0
  return () => {
    const current = recovery.current()
    if (current !== snapshot) {
      snapshot = current
      revision++
    }
    const health = SYSTEM_KEYS.map(key => {
      const { asOf, failure, warning } = healthOf(key)
      return [asOf, failure, warning].map(part => part ?? '').join('\n')
    })
    return keyOf(String(revision), ...health)
  }
}
