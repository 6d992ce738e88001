import type { SystemView } from '../http/admin/api.ts'
import { isServed } from '../recovery/lifecycle/served.ts'
import { minute } from './wording.ts'

/** How one system stands, in words. Called by `status`, by `system check` and after a statement was accepted. */

/** Whom it answers: `all`, `wave 1, 2`, `nobody`, or `nobody live` where what was read before may be given. */
export function answersOf(system: SystemView): string {
  if (isServed(system, null)) return 'all'
  const waves = system.waves.filter(wave => isServed(system, wave))
  if (waves.length > 0) return `wave ${waves.join(', ')}`
  return system.suspension?.lastKnownGood === true ? 'nobody live' : 'nobody'
}

/** Why it is suspended, in a sentence; null: it is not. */
export function suspensionText({ name, suspension }: SystemView): string | null {
  if (suspension === null) return null
  const { cause, reason, at, distrustSince, lastKnownGood } = suspension
  const distrusted = distrustSince === null ? '' : ` Nothing read since ${minute(distrustSince)} is ever served again.`
  const given = lastKnownGood ? ' What was read before may still be given, marked.' : ''
  return `${name} is SUSPENDED since ${minute(at)}, ${cause}: ${reason.replace(/\.?$/, '.')}${distrusted}${given}`
}
