/**
 * What the page shows: the answer to `status-page.graphql`, or what the gateway makes of the public state in the same
 * shape. What a reader may not see is null, or an empty list. Instants are RFC 3339 in UTC, dates are `yyyy-mm-dd`, lengths
 * of time ISO 8601.
 */
export interface StatusView {
  /** Null: the public reads. */
  readonly viewer: Viewer | null
  readonly restartStatus: RestartStatus
}

export interface Viewer {
  readonly partner: { readonly name: string; readonly roles: readonly string[] }
  readonly scopes: readonly string[]
  readonly openSystems: readonly SystemKey[]
  /** Of LIMITED_OPEN, 1 being the first; null: none. */
  readonly wave: number | null
}

export interface RestartStatus {
  readonly incidentReference: string | null
  readonly headline: string | null
  readonly phase: string | null
  readonly updatedAt: string | null
  readonly nextUpdateBy: string | null
  readonly systems: readonly System[]
  readonly sites: readonly SiteRestart[]
  readonly plannedReopenings: readonly PlannedReopening[]
  /** Null: the updates alone could not be answered. */
  readonly updates: { readonly edges: readonly { readonly node: Update }[] } | null
}

export type SystemKey = 'PARTS_LOGISTICS' | 'WHOLESALE_FINANCE' | 'PRODUCTION_SCHEDULE'

export interface System {
  readonly key: SystemKey
  readonly name: string
  readonly lifecycle: string
  readonly componentStatus: string
  readonly since: string
  readonly nextUpdateBy: string | null
  /** Null: the public reads. */
  readonly answersViewer: boolean | null
  readonly provenance: Provenance | null
  readonly objectives: Objectives | null
  readonly backlog: readonly Backlog[]
  readonly knownLimitations: readonly string[]
  readonly workaround: string | null
  readonly contact: string | null
}

export interface Provenance {
  readonly asOf: string
  readonly reconciledThrough: string | null
  readonly gapFrom: string | null
  readonly gapUntil: string | null
}

export interface Objectives {
  readonly recoveryTimeObjective: string
  readonly recoveryPointObjective: string
  readonly maximumTolerablePeriodOfDisruption: string
  readonly disruptedAt: string | null
  readonly restoredAt: string | null
  readonly recoveryTimeAchieved: string | null
  readonly recoveryPointAchieved: string | null
}

export interface Backlog {
  readonly name: string
  readonly measuredAt: string
  readonly open: number
  readonly clearedLast24h: number
  readonly oldest: string | null
  readonly estimatedClearDate: string | null
  /** Oldest first. */
  readonly history: readonly Measurement[]
}

export interface Measurement {
  readonly measuredAt: string
  readonly open: number
}

export interface SiteRestart {
  readonly site: { readonly bpns: string; readonly name: string; readonly type: string; readonly country: string }
  readonly shop: string | null
  readonly status: string
  readonly restartDate: string | null
  readonly note: string | null
}

export interface PlannedReopening {
  readonly id: string
  readonly system: SystemKey | null
  readonly site: { readonly bpns: string; readonly name: string } | null
  readonly waves: readonly number[]
  readonly scheduledFor: string
  readonly scheduledUntil: string | null
  readonly status: string
  readonly conditions: string
}

export interface Update {
  readonly id: string
  readonly publishedAt: string
  readonly title: string
  readonly body: string
  readonly affects: readonly SystemKey[]
}

/** The answer to `status-evidence.graphql`, for readers who hold `evidence:read`. */
export interface EvidenceView {
  readonly restartStatus: {
    readonly systems: readonly SystemEvidence[]
    readonly intrusion: Intrusion | null
  }
}

export interface SystemEvidence {
  readonly key: SystemKey
  readonly evidence: readonly Evidence[]
  readonly suspension: Suspension | null
  readonly lastTransition: Transition | null
}

export interface Evidence {
  readonly kind: string
  readonly outcome: string
  readonly attestedAt: string | null
  readonly attestedBy: string | null
  readonly expiresAt: string | null
  readonly statementDigest: string | null
}

export interface Suspension {
  readonly cause: string
  readonly reason: string
  readonly at: string
  readonly from: string
}

export interface Transition {
  readonly from: string
  readonly to: string
  readonly at: string
  readonly signedBy: { readonly name: string; readonly role: string }
  readonly guards: readonly {
    readonly guard: string
    readonly outcome: string
    readonly reason: string
    readonly code: string | null
  }[]
}

export interface Intrusion {
  readonly revision: number
  readonly earliestIntrusionAt: string
  readonly confidence: string
  readonly statedAt: string
}
