import type { SystemLifecycle } from '../../model/system.ts'
import { reasonOf } from '../statements/kinds/automatic-closing.ts'
import type { Suspension, SystemState } from '../system-state.ts'

/** How a system is suspended, and what comes of a second reason. Called by the closing of systems and the fold. */

/** A suspension, but for the lifecycle that it ends. What it does not allow, it forbids. */
export type Closing = Omit<Suspension, 'from' | 'lastKnownGood'> & Partial<Pick<Suspension, 'lastKnownGood'>>

const SUSPENDABLE: readonly SystemLifecycle[] = ['VERIFIED', 'LIMITED_OPEN', 'OPEN', 'NORMAL_OPERATION']

/** Whether a system in this lifecycle rests on evidence, and is suspended when that fails. */
export function isSuspendable(lifecycle: SystemLifecycle): boolean {
  return SUSPENDABLE.includes(lifecycle)
}

/** Whether the cause leaves the system's data in doubt: the way back then leads through QUARANTINED. */
export function touchesIntegrity({ cause, distrustSince }: Pick<Suspension, 'cause' | 'distrustSince'>): boolean {
  switch (cause) {
    case 'ATTESTATION_EXPIRED':
    case 'FEED_SILENT':
    case 'JOURNAL_OUT_OF_REACH':
    case 'ORDERED':
      return distrustSince !== null
    case 'ATTESTATION_REVOKED':
    case 'KEY_WITHDRAWN':
    case 'ATTESTED_UNSOUND':
    case 'BACKUP_NOT_BEFORE_INTRUSION':
    case 'INDICATOR_REPORTED':
    case 'CONTROL_TOTALS_DRIFTED':
    case 'FOREIGN_ROWS':
    case 'WRITE_ACCEPTED':
    case 'JOURNAL_NOT_VERIFIED':
      return true
    default:
      return cause satisfies never
  }
}

/**
 * The system, suspended; the same object where nothing changes. A suspended one takes over a cause that touches
 * integrity where its own does not, or one under which nothing may be given any more, the journal's entry about its
 * closing, and an earlier `distrustSince`. What one of two suspensions forbids is forbidden.
 */
export function suspended(system: SystemState, { reason, lastKnownGood = false, ...rest }: Closing): SystemState {
  const { lifecycle, suspension } = system
  // Whoever words it, the journal's entry must be able to say it.
  const closing = { ...rest, reason: reasonOf(reason), lastKnownGood }
  if (isSuspendable(lifecycle)) return closed(system, closing.at, { ...closing, from: lifecycle })
  if (lifecycle !== 'SUSPENDED' || suspension === null) return system
  const distrustSince = earlier(suspension.distrustSince, closing.distrustSince)
  const isAllowed = suspension.lastKnownGood && lastKnownGood
  if (takesOver(closing, suspension)) {
    const since = closing.recorded ? closing.at : system.since
    return closed(system, since, { ...closing, distrustSince, lastKnownGood: isAllowed, from: suspension.from })
  }
  return distrustSince === suspension.distrustSince && isAllowed === suspension.lastKnownGood
    ? system
    : closed(system, system.since, { ...suspension, distrustSince, lastKnownGood: isAllowed })
}

/** The system with an interval of distrust from this instant on, until it takes its next step. */
export function distrusting(system: SystemState, since: string): SystemState {
  const open = system.distrusted.find(({ until }) => until === null)
  const ended = system.distrusted.filter(({ until }) => until !== null)
  return { ...system, distrusted: [...ended, { since: earlier(open?.since ?? null, since) ?? since, until: null }] }
}

function closed(system: SystemState, since: string, suspension: Suspension): SystemState {
  const after: SystemState = { ...system, lifecycle: 'SUSPENDED', since, suspension }
  return suspension.distrustSince === null ? after : distrusting(after, suspension.distrustSince)
}

function takesOver(closing: Omit<Suspension, 'from'>, standing: Suspension): boolean {
  const graver = Number(touchesIntegrity(closing)) - Number(touchesIntegrity(standing))
  const stricter = Number(standing.lastKnownGood) - Number(closing.lastKnownGood)
  if (graver !== 0) return graver > 0
  return stricter > 0 || (stricter === 0 && closing.recorded && !standing.recorded)
}

function earlier(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other
  return Date.parse(other) < Date.parse(one) ? other : one
}
