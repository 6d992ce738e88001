import type { SystemLifecycle } from '../../model/system.ts'
import { isStep } from '../../recovery/lifecycle/steps.ts'
import type { SignatoryRole } from '../../recovery/statements/signatory.ts'
import { UsageError } from '../command.ts'

/** The steps that operators take by name, and where each leads. Called by the commands of a system; guards judge them, not this. */

export interface Step {
  readonly verb: string
  readonly does: string
  /** What it may say by options, beside the facts that every step may bring. */
  readonly options: 'none' | 'opening' | 'closing' | 'distrust'
  /** All that it may lead to. */
  readonly leadsTo: readonly SystemLifecycle[]
  /** Which of them from there; throws where more must be said. `waves`: those that were named. */
  readonly to: (from: SystemLifecycle, waves: readonly number[] | undefined) => SystemLifecycle
}

const straight = (verb: string, to: SystemLifecycle, does: string, options: Step['options'] = 'none'): Step => ({
  verb,
  does,
  options,
  leadsTo: [to],
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
    leadsTo: ['LIMITED_OPEN', 'OPEN'],
    to: openingFrom,
  },
  straight('normalise', 'NORMAL_OPERATION', 'declare its normal operation'),
  straight('close', 'SUSPENDED', 'close it at once', 'closing'),
  straight('suspend', 'SUSPENDED', 'close it at once, and distrust what it gave since T', 'distrust'),
  straight('isolate', 'ISOLATED', 'say that it is isolated, the start of all'),
]

/** To the named waves from wherever it is; without waves to all, which only a system that is open to some can. */
function openingFrom(from: SystemLifecycle, waves: readonly number[] | undefined): SystemLifecycle {
  if (waves !== undefined) return 'LIMITED_OPEN'
  if (from === 'VERIFIED' || from === 'SUSPENDED')
    throw new UsageError(`--wave N is missing: from ${from} a system opens to waves of partners first`)
  return 'OPEN'
}

/** The verbs that lead on from a lifecycle, each with where to. */
export function waysFrom(from: SystemLifecycle): readonly (readonly [verb: string, to: SystemLifecycle])[] {
  return STEPS.flatMap(({ verb, leadsTo }) =>
    leadsTo.filter(to => to !== from && isStep(from, to)).map(to => [verb, to] as const),
  )
}

/** Who signs a step, where nobody says who. */
export function usualRole(to: SystemLifecycle): SignatoryRole {
  return to === 'OPEN' ? 'SYSTEM_OWNER' : 'RECOVERY_LEAD'
}
