import type { ATTESTER_ROLES, EVIDENCE_KINDS } from '../model/code-lists.ts'
import type { SystemKey, SystemLifecycle } from '../model/system.ts'
import type { GuardResult } from './lifecycle/guard-result.ts'
import type { Signatory } from './statements/signatory.ts'

/**
 * The state of one restored system: where it stands on its way back, what it was restored from, what was attested of it,
 * which steps it took. A part of the state of the restart, and immutable like the whole.
 */
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
  /** When the disruption began; null: not said. */
  readonly disruptedAt: string | null
  /** Its place in the order of restart, 1 first; null: none. */
  readonly priority: number | null
  /** Null: not set. */
  readonly objectives: ContinuityObjectives | null
  readonly containment: { readonly attestedAt: string; readonly evidence: string } | null
  readonly restoration: Restoration | null
  /** Those that were accepted, in the journal's order; the valid ones among them are worked out for a time. */
  readonly attestations: readonly Attestation[]
  /** Indicators of compromise that were reported in it, in the journal's order. */
  readonly indicators: readonly { readonly reportedAt: string; readonly reference: string }[]
  readonly contact: string | null
  readonly knownLimitations: readonly string[]
  readonly workaround: string | null
  readonly backlog: readonly BacklogMeasure[]
  /** The steps that it took, in the journal's order; the last led to the lifecycle, unless it was suspended since. */
  readonly transitions: readonly Transition[]
  /** Why it is SUSPENDED; null in any other lifecycle. */
  readonly suspension: Suspension | null
  /** Nothing read from it within one of these is ever served again; `until` null: still going on. */
  readonly distrusted: readonly { readonly since: string; readonly until: string | null }[]
}

/** ISO 22301: recovery time, recovery point and maximum tolerable period of disruption. */
export interface ContinuityObjectives {
  readonly recoveryTimeObjective: string
  readonly recoveryPointObjective: string
  readonly maximumTolerablePeriodOfDisruption: string
}

export interface Backup {
  readonly id: string
  readonly takenAt: string
  /** SHA-256, hexadecimal. */
  readonly digest: string
  readonly malwareStatus: 'CLEAN' | 'SUSPICIOUS' | 'INFECTED'
  readonly scannedAt: string
}

/** What was restored, from what, into what. */
export interface Restoration {
  readonly backup: Backup
  readonly environment: string
  /** Null: not finished. */
  readonly completedAt: string | null
  /** SHA-256 of the manifest of what was restored, hexadecimal; null: not finished. */
  readonly manifest: string | null
  /** Entries until here survived; null: not established. */
  readonly recoveryPoint: string | null
}

export interface Attestation {
  /** `jti` of the statement. */
  readonly id: string
  /** SHA-256 of the signed statement, hexadecimal. */
  readonly digest: string
  /** The system that it is about. */
  readonly system: SystemKey
  readonly signedBy: Signatory & { readonly role: (typeof ATTESTER_ROLES)[number] }
  readonly issuedAt: string
  readonly recordedAt: string
  readonly expiresAt: string
  readonly intrusionRevision: number
  readonly backup: Backup
  readonly restore: { readonly completedAt: string; readonly manifest: string; readonly environment: string }
  readonly checks: readonly EvidenceCheck[]
  readonly totals: Readonly<Record<string, AttestedTotals>>
}

export interface EvidenceCheck {
  readonly kind: (typeof EVIDENCE_KINDS)[number]
  readonly outcome: 'PASSED' | 'FAILED'
  readonly at: string
}

/** Control totals of a relation as attested. */
export interface AttestedTotals {
  readonly rows: number
  /** By column, exact decimal text. */
  readonly sums: Readonly<Record<string, string>>
  /** How far the measured totals may be off, as a part of the attested ones: 0.01 is one in a hundred. */
  readonly tolerance: number
}

export interface Transition {
  readonly from: SystemLifecycle
  readonly to: SystemLifecycle
  /** When the step was taken, as the statement says. */
  readonly at: string
  readonly recordedAt: string
  readonly sequence: number
  readonly statement: string
  readonly digest: string
  readonly signedBy: Signatory
  readonly guards: readonly GuardResult[]
}

export const SUSPENSION_CAUSES = [
  'ORDERED',
  'ATTESTATION_EXPIRED',
  'ATTESTATION_REVOKED',
  'KEY_WITHDRAWN',
  'ATTESTED_UNSOUND',
  'BACKUP_NOT_BEFORE_INTRUSION',
  'INDICATOR_REPORTED',
  'CONTROL_TOTALS_DRIFTED',
  'FOREIGN_ROWS',
  'WRITE_ACCEPTED',
  'FEED_SILENT',
  'JOURNAL_OUT_OF_REACH',
  'JOURNAL_NOT_VERIFIED',
] as const
export type SuspensionCause = (typeof SUSPENSION_CAUSES)[number]

export interface Suspension {
  readonly cause: SuspensionCause
  /** In words, for operators. */
  readonly reason: string
  readonly at: string
  readonly from: SystemLifecycle
  /** Nothing read at or after this is served again; null: what was read before the suspension is not in doubt. */
  readonly distrustSince: string | null
  /** What was read before may still be given, marked, where its field allows it. Only an ordered one can say so. */
  readonly lastKnownGood: boolean
  /** False: it holds by rule or observation, and its own entry in the journal is still to be written. */
  readonly recorded: boolean
}

export interface BacklogMeasure {
  readonly name: string
  /** What it holds up: the payments that partners wait for have a date of their own in the graph. */
  readonly concerns: 'SUPPLIER_PAYMENTS' | null
  readonly measuredAt: string
  readonly open: number
  readonly clearedLast24h: number
  readonly oldest: string | null
  /** The last measurements, oldest first, this one included: what the clearing rate is worked out from. */
  readonly history: readonly { readonly measuredAt: string; readonly open: number }[]
}
