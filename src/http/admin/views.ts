import { SYSTEM_KEYS, type SystemKey } from '../../model/system.ts'
import type { Desk } from '../../recovery/desk/desk.ts'
import type { JournalRow } from '../../recovery/journal/store.ts'
import type { JournalHealth } from '../../recovery/live/journal-health.ts'
import type { Recovery } from '../../recovery/recovery.ts'
import type { Attestation, SystemState } from '../../recovery/system-state.ts'
import type { AttestationView, PartnerView, StatusView, SystemView } from './api.ts'
import type { OperatorPort } from './port.ts'

/**
 * Builds what operators see from the state that the gate obeys. Called by the composition root, which joins the restart,
 * the systems and the operations here. Names each member that leaves, so that nothing leaves because it was added.
 */

/** The part of the restart that operators see. */
export interface RestartForOperators {
  readonly recovery: Pick<Recovery, 'current'>
  readonly desk: Desk
  rows(after: number, limit: number): Promise<readonly JournalRow[]>
  checkpoint(): Promise<string | null>
  health(): JournalHealth
  /** Those that were accepted for the system, as they stand now. */
  attestations(system: SystemKey): readonly (Attestation & Pick<AttestationView, 'standing'>)[]
  evidenceUntil(system: SystemKey): string | null
}

export interface OperatorPortOptions {
  readonly restart: RestartForOperators
  /** What the last readings of a system showed. */
  readonly healthOf: (system: SystemKey) => Pick<SystemView, 'asOf' | 'failure' | 'warning'>
  readonly impact: OperatorPort['impact']
  /** Null, or left out: no endpoint is configured. */
  readonly webhooks?: OperatorPort['webhooks']
}

export function createOperatorPort({ restart, healthOf, impact, webhooks = null }: OperatorPortOptions): OperatorPort {
  const { recovery, desk } = restart
  return {
    desk,
    rows: (after, limit) => restart.rows(after, limit),
    checkpoint: () => restart.checkpoint(),
    status() {
      const { incidentReference, headline, phase, intrusion, systems } = recovery.current().state
      return {
        incidentReference,
        headline,
        phase,
        journal: restart.health(),
        intrusion: intrusion && intrusionView(intrusion),
        systems: SYSTEM_KEYS.map(key => systemView(systems[key], restart.evidenceUntil(key), healthOf(key))),
      }
    },
    attestations: system => restart.attestations(system).map(attestationView),
    partners() {
      const { partners } = recovery.current().state
      return [...partners.keys()]
        .sort()
        .flatMap(bpnl => partners.get(bpnl)?.entry ?? [])
        .map(partnerView)
    },
    impact,
    webhooks,
  }
}

function intrusionView(intrusion: NonNullable<StatusView['intrusion']>): StatusView['intrusion'] {
  const { revision, earliestIntrusionAt, confidence } = intrusion
  return { revision, earliestIntrusionAt, confidence }
}

function systemView(
  { key, name, lifecycle, since, waves, suspension, transitions }: SystemState,
  evidenceUntil: string | null,
  { asOf, failure, warning }: Pick<SystemView, 'asOf' | 'failure' | 'warning'>,
): SystemView {
  const last = transitions.at(-1)
  return {
    key,
    name,
    lifecycle,
    since,
    waves,
    suspension: suspension && {
      cause: suspension.cause,
      reason: suspension.reason,
      at: suspension.at,
      distrustSince: suspension.distrustSince,
      lastKnownGood: suspension.lastKnownGood,
    },
    evidenceUntil,
    asOf,
    failure,
    warning,
    // Where the gateway has closed the system since, no step led to where it is.
    openedBy:
      last?.to === lifecycle
        ? { to: last.to, at: last.at, name: last.signedBy.name, role: last.signedBy.role, sequence: last.sequence }
        : null,
  }
}

function attestationView(attestation: Attestation & Pick<AttestationView, 'standing'>): AttestationView {
  const { id, signedBy, issuedAt, expiresAt, intrusionRevision, standing } = attestation
  return { id, role: signedBy.role, name: signedBy.name, issuedAt, expiresAt, intrusionRevision, standing }
}

function partnerView({
  bpnl,
  name,
  roles,
  scopes,
  sites,
  wave,
  clients,
  tokenBinding,
  disabled,
}: PartnerView): PartnerView {
  return { bpnl, name, roles, scopes, sites, wave, clients, tokenBinding, disabled }
}
