import type { PLANNED_REOPENING_STATUSES, RESTART_PHASES, SHOPS, SITE_RESTART_STATUSES } from '../model/code-lists.ts'
import type { PartnerEntry } from '../model/partner-entry.ts'
import type { SystemKey } from '../model/system.ts'
import type { PartnerRole } from '../model/viewer.ts'
import type { SystemState } from './system-state.ts'

/**
 * The state of the restart: one immutable value, the fold of the journal, that the gate obeys and that partners read,
 * so the two cannot disagree. Times are RFC 3339 in UTC, dates `yyyy-mm-dd`, durations ISO 8601.
 */
export interface RecoveryState {
  readonly head: JournalHead
  readonly incidentReference: string
  readonly headline: string
  readonly phase: (typeof RESTART_PHASES)[number]
  readonly updatedAt: string
  readonly nextUpdateBy: string | null
  /** What forensics knows of the intrusion; null: nothing has been established. */
  readonly intrusion: Intrusion | null
  readonly systems: Readonly<Record<SystemKey, SystemState>>
  readonly sites: readonly SiteRestart[]
  readonly plannedReopenings: readonly PlannedReopening[]
  /** Newest first. */
  readonly updates: readonly RestartUpdate[]
  /** What of all this the public sees, beside the updates that are public; at first nothing. */
  readonly publicFacets: readonly PublicFacet[]
  /** By BPNL. */
  readonly partners: ReadonlyMap<string, RegisteredPartner>
  readonly revoked: Revocations
}

/** What of the restart's state can be made public. */
export const PUBLIC_FACETS = ['RESTART', 'SYSTEMS', 'SITES', 'PLANNED_REOPENINGS', 'BACKLOGS'] as const
export type PublicFacet = (typeof PUBLIC_FACETS)[number]

/** The last entry that is folded in. */
export interface JournalHead {
  /** Names the journal: the hash of its first entry; empty before that. */
  readonly journal: string
  /** 0 before the first entry. */
  readonly sequence: number
  readonly hash: string
  /** When it was recorded; null before the first entry. */
  readonly recordedAt: string | null
}

export interface Intrusion {
  readonly revision: number
  readonly earliestIntrusionAt: string
  readonly confidence: 'LOW' | 'MEDIUM' | 'HIGH'
  /** Date of the set of indicators of compromise that scans must know; null: not said. */
  readonly indicatorsDatedAt: string | null
  readonly statedAt: string
}

export interface SiteRestart {
  readonly bpns: string
  readonly shop: (typeof SHOPS)[number] | null
  readonly status: (typeof SITE_RESTART_STATUSES)[number]
  readonly restartDate: string | null
  readonly note: string | null
  readonly recordedAt: string
}

export interface PlannedReopening {
  readonly id: string
  readonly system: SystemKey | null
  readonly bpns: string | null
  /** The waves of partners that it is for; empty: all. */
  readonly waves: readonly number[]
  readonly scheduledFor: string
  readonly scheduledUntil: string | null
  readonly status: (typeof PLANNED_REOPENING_STATUSES)[number]
  readonly conditions: string
  readonly recordedAt: string
}

export interface RestartUpdate {
  readonly id: string
  readonly publishedAt: string
  /** Roles that may read it; empty: all. */
  readonly audience: readonly PartnerRole[]
  /** Whether everybody in the world may read it, and not only partners. */
  readonly isPublic: boolean
  /** That the restart was in once it was published. */
  readonly phase: RecoveryState['phase']
  readonly title: string
  readonly body: string
  readonly affects: readonly SystemKey[]
}

export interface RegisteredPartner {
  readonly entry: PartnerEntry
  /** Changes with every grant of this partner. */
  readonly epoch: string
  /** When the last grant was recorded. */
  readonly grantedAt: string
}

export interface Revocations {
  /** `jti` of statements, with the time from which they do not count. */
  readonly statements: ReadonlyMap<string, string>
  /** Key identifiers, with the time from which nothing that they signed counts. */
  readonly keys: ReadonlyMap<string, string>
}
