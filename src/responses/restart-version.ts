import { keyOf, tupleOf } from '../model/key.ts'
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
  let made: { readonly of: RecoverySnapshot; readonly health: string; readonly version: string } | null = null
  let revision = 0
  return () => {
    const of = recovery.current()
    let health = ''
    for (const key of SYSTEM_KEYS) {
      const { asOf, failure, warning } = healthOf(key)
      health += tupleOf([asOf, failure, warning])
    }
    if (made?.of === of && made.health === health) return made.version
    if (made?.of !== of) revision++
    made = { of, health, version: keyOf(String(revision), health) }
    return made.version
  }
}
