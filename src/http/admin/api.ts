import type { SystemKey, SystemLifecycle } from '../../model/system.ts'
import type { Impact } from '../../operations/impact.ts'
import type { JournalRow } from '../../recovery/journal/store.ts'
import type { GuardResult } from '../../recovery/lifecycle/guard-result.ts'
import type { JournalHealth } from '../../recovery/live/journal-health.ts'
import type { SuspensionCause } from '../../recovery/system-state.ts'
import type { DeadView, EndpointView } from '../../webhooks/views.ts'

export type { ImpactOnPartner } from '../../operations/impact.ts'

/**
 * What the admin listener answers operators, as JSON. The command line reads the same types. It accepts statements, which are
 * authorised by signature alone, and reads; what it does beside is to have webhooks sent again to where they are configured.
 *
 * - `GET /status` → StatusView
 * - `GET /systems/:slug/check?to=LIFECYCLE` → CheckView
 * - `GET /systems/:slug/attestations` → AttestationView[]
 * - `GET /partners` → PartnerView[]
 * - `GET /journal?after=0&limit=500` → JournalView
 * - `GET /journal/checkpoint` → CheckpointView
 * - `POST /statements` (`application/jose`, one compact JWS) → 201 ReceiptView, or 422 RefusalView
 * - `POST /statements?dryRun=true` → 200 DryRunView
 * - `GET /webhooks` → WebhookView[]
 * - `GET /webhooks/dead` → DeadWebhookView[]
 * - `POST /webhooks/:endpoint/retry?id=ID` → 202 RetryView
 * - `POST /webhooks/:endpoint/test` → 202 RetryView, or 409 ErrorView where nothing is sent to the endpoint
 *
 * Anything else is an ErrorView; `docs/admin-api.md` has the status codes.
 */
export interface StatusView {
  readonly incidentReference: string
  readonly headline: string
  readonly phase: string
  readonly journal: JournalHealth
  readonly intrusion: {
    readonly revision: number
    readonly earliestIntrusionAt: string
    readonly confidence: string
  } | null
  readonly systems: readonly SystemView[]
}

export interface SystemView {
  readonly key: SystemKey
  readonly name: string
  readonly lifecycle: SystemLifecycle
  readonly since: string
  readonly waves: readonly number[]
  readonly suspension: {
    readonly cause: SuspensionCause
    readonly reason: string
    readonly at: string
    readonly distrustSince: string | null
    readonly lastKnownGood: boolean
  } | null
  /** When the evidence lapses under which it may be open; null: it has none that holds. */
  readonly evidenceUntil: string | null
  readonly asOf: string | null
  /** Code of the failure, where the last reading failed. */
  readonly failure: string | null
  /** What is the matter although reads go on, such as a newer extract that is refused. */
  readonly warning: string | null
  /** The transition that the lifecycle rests on; null: none. */
  readonly openedBy: {
    readonly to: SystemLifecycle
    readonly at: string
    readonly name: string
    readonly role: string
    readonly sequence: number
  } | null
}

export interface CheckView {
  readonly system: SystemKey
  readonly from: SystemLifecycle
  readonly to: SystemLifecycle | null
  readonly guards: readonly GuardResult[]
}

export interface AttestationView {
  readonly id: string
  readonly role: string
  readonly name: string
  readonly issuedAt: string
  readonly expiresAt: string
  readonly intrusionRevision: number
  /** As of now: VALID, EXPIRED, REVOKED, WITHDRAWN (its key). */
  readonly standing: 'VALID' | 'EXPIRED' | 'REVOKED' | 'WITHDRAWN'
}

export interface PartnerView {
  readonly bpnl: string
  readonly name: string
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly sites: readonly string[]
  readonly wave: number | null
  readonly clients: readonly string[]
  readonly tokenBinding: 'NONE' | 'DPOP' | 'MUTUAL_TLS'
  readonly disabled: boolean
}

export interface JournalView {
  readonly rows: readonly JournalRow[]
  /** To be given as `after` for what follows; null: that was all. */
  readonly next: number | null
}

export interface CheckpointView {
  /** Compact JWS by the gateway; null: the journal is empty. */
  readonly checkpoint: string | null
}

export interface ReceiptView {
  readonly sequence: number
  readonly recordedAt: string
  readonly id: string
  readonly kind: string
  readonly guards: readonly GuardResult[]
}

export interface RefusalView {
  /** One of `REFUSAL_CODES`. */
  readonly code: string
  readonly message: string
  readonly guards: readonly GuardResult[]
}

export interface ErrorView {
  /** One of `ERRORS` in `src/model/errors.ts`, or `ENDPOINT_DISABLED`. */
  readonly code: string
  readonly message: string
}

export interface DryRunView extends Impact {
  /** Null: it would be accepted. */
  readonly refusal: RefusalView | null
  readonly guards: readonly GuardResult[]
}

/** How an endpoint of webhooks stands. */
export interface WebhookView extends EndpointView {}

/** A webhook that was given up. */
export interface DeadWebhookView extends DeadView {}

export interface RetryView {
  /** How many deliveries were put in line. */
  readonly queued: number
}
