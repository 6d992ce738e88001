import type { SystemKey } from '../../model/system.ts'
import type { Impact } from '../../operations/impact.ts'
import type { Desk } from '../../recovery/desk/desk.ts'
import type { JournalRow } from '../../recovery/journal/store.ts'
import type { RecoveryState } from '../../recovery/state.ts'
import type { Webhooks } from '../../webhooks/webhooks.ts'
import type { AttestationView, PartnerView, StatusView } from './api.ts'

/** All that the admin listener can do for operators: hand in statements, read, and have webhooks sent again. `views.ts` builds it. */
export interface OperatorPort {
  readonly desk: Desk
  /** Rows of the journal with a sequence above `after`, ascending, at most `limit`. */
  rows(after: number, limit: number): Promise<readonly JournalRow[]>
  /** Of everything up to the head, a compact JWS; null: the journal is empty. */
  checkpoint(): Promise<string | null>
  status(): StatusView
  attestations(system: SystemKey): readonly AttestationView[]
  partners(): readonly PartnerView[]
  impact(before: RecoveryState, after: RecoveryState): Promise<Impact>
  /** Null: none is configured. */
  readonly webhooks: WebhooksForOperators | null
}

export type WebhooksForOperators = Pick<Webhooks, 'views' | 'dead' | 'retry' | 'test'>
