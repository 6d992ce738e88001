import type { SystemKey } from './view.ts'

/** The codes of the schema in a reader's words. A code that is not here yet is shown as it is, made readable. */

export const ROAD: readonly string[] = [
  'ISOLATED',
  'CLEARED_FOR_RESTORE',
  'RESTORING',
  'QUARANTINED',
  'VERIFIED',
  'LIMITED_OPEN',
  'OPEN',
  'NORMAL_OPERATION',
]

interface StageWords {
  readonly name: string
  readonly meaning: string
}

const STAGES: Readonly<Record<string, StageWords>> = {
  ISOLATED: { name: 'Isolated', meaning: 'Cut off. Nothing is restored yet.' },
  CLEARED_FOR_RESTORE: { name: 'Cleared for restore', meaning: 'A clean backup may be restored.' },
  RESTORING: { name: 'Restoring', meaning: 'The backup is being restored.' },
  QUARANTINED: { name: 'Quarantined', meaning: 'Restored, and reachable by checks only.' },
  VERIFIED: { name: 'Verified', meaning: 'Checked and attested to be clean. Not open yet.' },
  LIMITED_OPEN: { name: 'Open to some', meaning: 'Answers the first waves of partners.' },
  OPEN: { name: 'Open', meaning: 'Answers every partner that works with it.' },
  NORMAL_OPERATION: { name: 'Normal operation', meaning: 'Its recovery has been declared ended.' },
  SUSPENDED: { name: 'Closed again', meaning: 'Closed after it had been verified or opened. It answers nobody.' },
}

export function stageOf(lifecycle: string): StageWords {
  return STAGES[lifecycle] ?? { name: readable(lifecycle), meaning: '' }
}

/** How open a system is, which is also how its mark is drawn. */
export type Openness = 'open' | 'partly' | 'closed' | 'suspended'

export function opennessOf(lifecycle: string): Openness {
  switch (lifecycle) {
    case 'OPEN':
    case 'NORMAL_OPERATION':
      return 'open'
    case 'LIMITED_OPEN':
      return 'partly'
    case 'SUSPENDED':
      return 'suspended'
    default:
      return 'closed'
  }
}

/** What the reader sees first: who is answered. `answersViewer` is null for the public. */
export function standingOf(system: {
  readonly lifecycle: string
  readonly componentStatus: string
  readonly answersViewer: boolean | null
}): string {
  const isSlow = system.componentStatus === 'DEGRADED_PERFORMANCE'
  switch (opennessOf(system.lifecycle)) {
    case 'open':
      return isSlow ? 'Open, with older data than usual' : 'Open'
    case 'partly':
      if (system.answersViewer === true) return 'Open to you'
      return system.answersViewer === false ? 'Open to others first, not to you yet' : 'Open to a first group'
    case 'suspended':
      return 'Closed again'
    default:
      return 'Not open yet'
  }
}

export const PHASES: readonly string[] = [
  'CONTAINMENT_AND_ERADICATION',
  'FORENSICS_AND_RESTORATION',
  'RESILIENCE_AND_RECOVERY',
  'RECOVERY_DECLARED_ENDED',
]

const PHASE_WORDS: Readonly<Record<string, StageWords>> = {
  CONTAINMENT_AND_ERADICATION: { name: 'Containment', meaning: 'The intrusion is being contained and removed.' },
  FORENSICS_AND_RESTORATION: { name: 'Restoration', meaning: 'Systems are restored from clean backups.' },
  RESILIENCE_AND_RECOVERY: { name: 'Recovery', meaning: 'Systems open step by step, and backlogs are cleared.' },
  RECOVERY_DECLARED_ENDED: { name: 'Ended', meaning: 'The recovery has been declared ended.' },
}

export function phaseOf(phase: string): StageWords {
  return PHASE_WORDS[phase] ?? { name: readable(phase), meaning: '' }
}

/** What a scope lets a partner do, and the system that it needs for it. */
export interface Ability {
  readonly scope: string
  readonly system: SystemKey
  readonly does: string
}

/** In the order in which a partner asks for them. */
export const ABILITIES: readonly Ability[] = [
  { scope: 'payments:read', system: 'WHOLESALE_FINANCE', does: 'See your invoices, and when they are paid' },
  { scope: 'parts:read', system: 'PARTS_LOGISTICS', does: 'Look up parts and what can be promised' },
  { scope: 'orders:read', system: 'PARTS_LOGISTICS', does: 'Follow your parts orders and deliveries' },
  { scope: 'wholesale:read', system: 'WHOLESALE_FINANCE', does: 'See your vehicles and their funding' },
  { scope: 'demand:read', system: 'PRODUCTION_SCHEDULE', does: 'See what the plants need of you' },
  { scope: 'wholesale:read', system: 'PRODUCTION_SCHEDULE', does: 'See when your vehicles are built' },
  { scope: 'schedule:read', system: 'PRODUCTION_SCHEDULE', does: 'Read the production schedule' },
]

/** What each system is for, under its name. */
export const PURPOSES: Readonly<Record<SystemKey, string>> = {
  PARTS_LOGISTICS: 'Parts, orders and deliveries',
  WHOLESALE_FINANCE: 'Invoices, payments, vehicles and funding',
  PRODUCTION_SCHEDULE: 'Production lines, demand and builds',
}

export const SYSTEM_NAMES: Readonly<Record<SystemKey, string>> = {
  PARTS_LOGISTICS: 'Parts logistics',
  WHOLESALE_FINANCE: 'Wholesale finance',
  PRODUCTION_SCHEDULE: 'Production schedule',
}

const SITE_STATUSES: Readonly<Record<string, string>> = {
  PAUSED: 'Stands still',
  PREPARING: 'Preparing',
  RESTARTED: 'Restarted',
  RAMPING_UP: 'Ramping up',
  FULL_OPERATION: 'Full operation',
}

export const siteStatus = (status: string): string => SITE_STATUSES[status] ?? readable(status)

/** How far a site has come, as its mark is drawn. */
export function siteOpenness(status: string): Openness {
  if (status === 'FULL_OPERATION') return 'open'
  return status === 'RESTARTED' || status === 'RAMPING_UP' ? 'partly' : 'closed'
}

const REOPENINGS: Readonly<Record<string, string>> = {
  SCHEDULED: 'Planned',
  IN_PROGRESS: 'Under way',
  VERIFYING: 'Being checked',
  COMPLETED: 'Done',
  WITHDRAWN: 'Withdrawn',
}

export const reopeningStatus = (status: string): string => REOPENINGS[status] ?? readable(status)

/** Whether it is still to come, or goes on. */
export const isAhead = ({ status }: { readonly status: string }): boolean =>
  status !== 'COMPLETED' && status !== 'WITHDRAWN'

const COUNTRIES = new Intl.DisplayNames('en-GB', { type: 'region' })

export const countryName = (code: string): string => COUNTRIES.of(code) ?? code

/** `BACKUP_MALWARE_SCAN` → `Backup malware scan`. */
export function readable(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** `1 system`, `3 systems`. */
export const counted = (count: number, one: string, many: string): string =>
  `${numeral(count)} ${count === 1 ? one : many}`

const NUMERALS = new Intl.NumberFormat('en-GB')

export const numeral = (count: number): string => NUMERALS.format(count)
