import type { PartnerEntry } from '../model/partner-entry.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import { isServed } from '../recovery/lifecycle/served.ts'
import type { RecoveryState } from '../recovery/state.ts'
import type { FieldDeclaration } from './declarations.ts'

/**
 * Partners sorted by what they may ask before and after a change: thousands of them have a handful of rights between
 * them. Made for a dry run, so that it judges rights and not partners; pure.
 */
export interface Cohort {
  readonly before: Standing
  readonly after: Standing
}

/** What a partner may ask in one state. */
export interface Standing {
  /** The systems that answer its wave. */
  readonly serves: ReadonlySet<SystemKey>
  /** Whether it has the scopes that a field requires. */
  holds(field: FieldDeclaration): boolean
}

/** Of those who are not registered, or disabled. */
const NO_STANDING: Standing = { serves: new Set(), holds: () => false }

/** By BPNL, everybody who is registered in one of the states. */
export function cohortsOf(before: RecoveryState, after: RecoveryState): ReadonlyMap<string, Cohort> {
  const [standingBefore, standingAfter] = [standingsIn(before), standingsIn(after)]
  const known = new Map<Standing, Map<Standing, Cohort>>()

  function cohortOf(bpnl: string): Cohort {
    const cohort = { before: standingBefore(bpnl), after: standingAfter(bpnl) }
    const such = known.get(cohort.before) ?? new Map<Standing, Cohort>()
    known.set(cohort.before, such)
    const same = such.get(cohort.after) ?? cohort
    such.set(cohort.after, same)
    return same
  }

  const bpnls = new Set([...before.partners.keys(), ...after.partners.keys()])
  return new Map([...bpnls].map(bpnl => [bpnl, cohortOf(bpnl)]))
}

/** Equal rights are one standing. */
function standingsIn(state: RecoveryState): (bpnl: string) => Standing {
  const known = new Map<string, Standing>()
  return bpnl => {
    const entry = state.partners.get(bpnl)?.entry
    if (entry === undefined || entry.disabled) return NO_STANDING
    const rights = JSON.stringify([entry.wave, entry.scopes])
    const standing = known.get(rights) ?? standingOf(entry, state)
    known.set(rights, standing)
    return standing
  }
}

function standingOf({ wave, scopes }: PartnerEntry, { systems }: RecoveryState): Standing {
  const held = new Set(scopes)
  const answers = new Map<FieldDeclaration, boolean>()
  return {
    serves: new Set(SYSTEM_KEYS.filter(key => isServed(systems[key], wave))),
    holds(field) {
      const known = answers.get(field)
      if (known !== undefined) return known
      const isOpen = field.requirements.every(requirement =>
        requirement.some(alternative => alternative.every(scope => held.has(scope))),
      )
      answers.set(field, isOpen)
      return isOpen
    },
  }
}
