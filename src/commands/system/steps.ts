import type { SystemLifecycle } from '../../model/system.ts'
import type { SignatoryRole } from '../../recovery/signatory.ts'
import { CommandFailure, UsageError } from '../command.ts'

/** The steps that operators take by name, and where each leads. Called by the commands of a system; a guard judges them, not this. */

export interface Step {
  readonly verb: string
  readonly does: string
  /** What it may say by options, beside the facts that every step may bring. */
  readonly options: 'none' | 'opening' | 'distrust'
  /** Throws where it leads nowhere from there. `waves`: those that were named. */
  readonly to: (from: SystemLifecycle, waves: readonly number[] | undefined) => SystemLifecycle
}

const straight = (verb: string, to: SystemLifecycle, does: string): Step => ({
  verb,
  does,
  options: 'none',
  to: () => to,
})

export const STEPS: readonly Step[] = [
  straight('clear', 'CLEARED_FOR_RESTORE', 'clear it for its restore'),
  straight('restore', 'RESTORING', 'begin its restore'),
  straight('quarantine', 'QUARANTINED', 'finish its restore, in quarantine'),
  straight('verify', 'VERIFIED', 'declare it verified'),
  {
    verb: 'open',
    does: 'open it to waves of partners, then to all',
    options: 'opening',
    to: openingFrom,
  },
  straight('normalise', 'NORMAL_OPERATION', 'declare its normal operation'),
  straight('close', 'SUSPENDED', 'close it at once'),
  {
    verb: 'suspend',
    does: 'close it at once, and distrust what it gave since T',
    options: 'distrust',
    to: () => 'SUSPENDED',
  },
  straight('isolate', 'ISOLATED', 'say that it is isolated, the start of all'),
]

/** To the named waves from wherever it is; without waves to all, which only a system that is open to some can. */
function openingFrom(from: SystemLifecycle, waves: readonly number[] | undefined): SystemLifecycle {
  if (waves !== undefined) return 'LIMITED_OPEN'
  if (from === 'LIMITED_OPEN') return 'OPEN'
  if (from === 'VERIFIED' || from === 'SUSPENDED')
    throw new UsageError(`--wave N is missing: from ${from} a system opens to waves of partners first`)
  throw new CommandFailure(
    from === 'OPEN' || from === 'NORMAL_OPERATION'
      ? `it is ${from} already`
      : `it is ${from}; only what is VERIFIED, SUSPENDED or LIMITED_OPEN can be opened`,
  )
}

/** Who signs a step, where nobody says who. */
export function usualRole(to: SystemLifecycle): SignatoryRole {
  return to === 'OPEN' ? 'SYSTEM_OWNER' : 'RECOVERY_LEAD'
}
