import type { SystemLifecycle } from '../../model/system.ts'
import type { Guard, GuardContext } from './guard.ts'
import type { GuardResult } from './guard-result.ts'
import { CLEARED_FOR_RESTORE_GUARDS } from './guards/cleared-for-restore.ts'
import { LIMITED_OPEN_GUARDS } from './guards/limited-open.ts'
import { NORMAL_OPERATION_GUARDS } from './guards/normal-operation.ts'
import { OPEN_GUARDS } from './guards/open.ts'
import { QUARANTINED_GUARDS } from './guards/quarantined.ts'
import { RESTORING_GUARDS } from './guards/restoring.ts'
import { VERIFIED_GUARDS } from './guards/verified.ts'
import { isSuspendable } from './suspension.ts'

/**
 * The steps that a system takes and the guards of each; `docs/lifecycle.md` is this file in words. Called by the desk
 * and by whoever shows what is lacking. It judges and changes nothing.
 */

interface Step {
  /** From where, besides a person's right to cut off and to suspend. */
  readonly from: readonly SystemLifecycle[]
  readonly guards: readonly Guard[]
}

const STEPS: Readonly<Record<Exclude<SystemLifecycle, 'ISOLATED' | 'SUSPENDED'>, Step>> = {
  CLEARED_FOR_RESTORE: { from: ['ISOLATED'], guards: CLEARED_FOR_RESTORE_GUARDS },
  RESTORING: { from: ['CLEARED_FOR_RESTORE', 'QUARANTINED', 'VERIFIED', 'SUSPENDED'], guards: RESTORING_GUARDS },
  QUARANTINED: { from: ['RESTORING', 'SUSPENDED'], guards: QUARANTINED_GUARDS },
  VERIFIED: { from: ['QUARANTINED'], guards: VERIFIED_GUARDS },
  LIMITED_OPEN: { from: ['VERIFIED', 'LIMITED_OPEN', 'SUSPENDED'], guards: LIMITED_OPEN_GUARDS },
  OPEN: { from: ['LIMITED_OPEN'], guards: OPEN_GUARDS },
  NORMAL_OPERATION: { from: ['OPEN'], guards: NORMAL_OPERATION_GUARDS },
}

const NEXT: Readonly<Record<SystemLifecycle, SystemLifecycle | null>> = {
  ISOLATED: 'CLEARED_FOR_RESTORE',
  CLEARED_FOR_RESTORE: 'RESTORING',
  RESTORING: 'QUARANTINED',
  QUARANTINED: 'VERIFIED',
  VERIFIED: 'LIMITED_OPEN',
  LIMITED_OPEN: 'OPEN',
  OPEN: 'NORMAL_OPERATION',
  NORMAL_OPERATION: null,
  SUSPENDED: 'QUARANTINED',
}

/** The next step up; of a suspended system that which every cause leaves it. Null: there is none. */
export function nextStep(from: SystemLifecycle): SystemLifecycle | null {
  return NEXT[from]
}

/** Whether a person may take a system from the one to the other, if all guards of the step hold. */
export function isStep(from: SystemLifecycle, to: SystemLifecycle): boolean {
  if (to === 'ISOLATED') return true
  // A suspended system can come to be distrusted: the contradiction asks for what that changes.
  return to === 'SUSPENDED' ? isSuspendable(from) || from === 'SUSPENDED' : STEPS[to].from.includes(from)
}

/** The guards of a step, those that look at the system last; none: cutting off and suspending are always allowed. */
export function guardsOf(to: SystemLifecycle): readonly Guard[] {
  return to === 'ISOLATED' || to === 'SUSPENDED' ? [] : STEPS[to].guards
}

/** What every guard of a step finds, without stopping at the first that does not hold: operators see all that is lacking. */
export function judge(context: GuardContext, to: SystemLifecycle): readonly GuardResult[] {
  return guardsOf(to)
    .filter(({ systems }) => systems === null || systems.includes(context.system.key))
    .map(guard => ({ guard: guard.name, ...guard.check(context), code: guard.code }))
}
