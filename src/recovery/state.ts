import type { PLANNED_REOPENING_STATUSES, RESTART_PHASES, SHOPS, SITE_RESTART_STATUSES } from '../model/code-lists.ts'
import type { SystemKey, SystemLifecycle } from '../model/system.ts'
import type { PartnerRole } from '../model/viewer.ts'

/**
 * The state of the restart: one immutable value that the gate obeys and that partners read, so the two cannot
 * disagree. Times are RFC 3339 in UTC, dates `yyyy-mm-dd`, durations ISO 8601.
 */
export interface RecoveryState {
  readonly incidentReference: string
  readonly headline: string
  readonly phase: (typeof RESTART_PHASES)[number]
  readonly updatedAt: string
  readonly nextUpdateBy: string | null
  readonly systems: Readonly<Record<SystemKey, SystemState>>
  readonly sites: readonly SiteRestart[]
  readonly plannedReopenings: readonly PlannedReopening[]
  readonly updates: readonly RestartUpdate[]
}

export interface SystemState {
  readonly key: SystemKey
  readonly name: string
  readonly lifecycle: SystemLifecycle
  readonly since: string
  /** The waves of partners that LIMITED_OPEN serves. */
  readonly waves: readonly number[]
  readonly nextUpdateBy: string | null
  /** Everything up to here has been reconciled with partners or paper records. */
  readonly reconciledThrough: string | null
  /** Entries in this window may be missing: from the restored backup to the first new entry. */
  readonly gap: { readonly from: string; readonly until: string } | null
  readonly objectives: ContinuityObjectives
  readonly knownLimitations: readonly string[]
  readonly workaround: string | null
  readonly backlog: readonly BacklogMeasure[]
}

/** ISO 22301: recovery time, recovery point and maximum tolerable period of disruption. */
export interface ContinuityObjectives {
  readonly recoveryTimeObjective: string
  readonly recoveryPointObjective: string
  readonly maximumTolerablePeriodOfDisruption: string
  readonly disruptedAt: string
  readonly restoredAt: string | null
  readonly recoveryPointAchieved: string | null
}

export interface BacklogMeasure {
  readonly name: string
  readonly open: number
  readonly clearedLast24h: number
  readonly oldest: string | null
}

export interface SiteRestart {
  readonly bpns: string
  readonly shop: (typeof SHOPS)[number] | null
  readonly status: (typeof SITE_RESTART_STATUSES)[number]
  readonly restartDate: string | null
  readonly note: string | null
}

export interface PlannedReopening {
  readonly id: string
  readonly system: SystemKey | null
  readonly bpns: string | null
  readonly scheduledFor: string
  readonly scheduledUntil: string | null
  readonly status: (typeof PLANNED_REOPENING_STATUSES)[number]
  readonly conditions: string
}

export interface RestartUpdate {
  readonly id: string
  readonly publishedAt: string
  /** Roles that may read it; empty: all. */
  readonly audience: readonly PartnerRole[]
  readonly title: string
  readonly body: string
  readonly affects: readonly SystemKey[]
}

/** A state with the epoch of each system: what was cached under an earlier epoch is unreachable. */
export interface RecoverySnapshot {
  readonly state: RecoveryState
  readonly epochs: Readonly<Record<SystemKey, string>>
}

/** Where the gate and the graph read the state of the restart. */
export interface Recovery {
  current(): RecoverySnapshot
}
