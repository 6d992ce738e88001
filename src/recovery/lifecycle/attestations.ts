import type { Attestation, RecoveryState, Restoration, SystemState } from '../state.ts'
import type { Rules } from './rules.ts'

/**
 * Which attestations hold, and which two of them carry a system. Called by the guards, by the closing of systems and
 * by whoever shows evidence. It knows no clock and changes nothing.
 */

/** How an attestation stands at a time. WITHDRAWN: its key is. */
export type Standing = 'VALID' | 'EXPIRED' | 'REVOKED' | 'WITHDRAWN'

/** When an attestation stops counting, and by what. */
export interface AttestationEnd {
  /** Milliseconds since the Unix epoch; −Infinity: it never counted. */
  readonly ms: number
  readonly by: Exclude<Standing, 'VALID'>
}

/** Two attestations that together carry a restored system: the two-person rule. */
export interface Pair {
  readonly owner: Attestation
  readonly investigator: Attestation
  /** That of the two that ends first. */
  readonly weaker: Attestation
  readonly end: AttestationEnd
}

type Trust = Pick<Rules, 'withdrawalOf'>
type Revoked = Pick<RecoveryState, 'revoked'>

export function standingOf(attestation: Attestation, state: Revoked, nowMs: number, rules: Trust): Standing {
  const end = endOf(attestation, state, rules)
  return nowMs < end.ms ? 'VALID' : end.by
}

/** The attestations of a system that are valid and speak of what was restored in it. */
export function standingAttestations(
  system: Pick<SystemState, 'attestations' | 'restoration'>,
  state: Revoked,
  nowMs: number,
  rules: Trust,
): readonly Attestation[] {
  return system.attestations.filter(
    attestation => isAbout(attestation, system.restoration) && standingOf(attestation, state, nowMs, rules) === 'VALID',
  )
}

/** Whether an attestation speaks of what was restored: the same backup, of the same time, with the same result. */
export function isAbout({ backup, restore }: Attestation, restoration: Restoration | null): boolean {
  return (
    restoration !== null &&
    backup.digest === restoration.backup.digest &&
    Date.parse(backup.takenAt) === Date.parse(restoration.backup.takenAt) &&
    restore.manifest === restoration.manifest
  )
}

/**
 * The two that carry the system longest, among those that were ever given for what was restored: one of its owner, one
 * of who looks for the intruders, by distinct keys, agreeing on the revision of the intrusion. They hold until
 * `end.ms`; null: there never were two. `revision` null: any that the two agree on.
 */
export function strongestPair(
  system: Pick<SystemState, 'attestations' | 'restoration'>,
  state: Revoked,
  rules: Trust,
  revision: number | null = null,
): Pair | null {
  const candidates = strongestByKey(system, state, rules, revision)
  const owners = candidates.filter(({ attestation }) => attestation.signedBy.role === 'SYSTEM_OWNER')
  const investigators = candidates.filter(({ attestation }) => isInvestigator(attestation))
  let strongest: (Pair & { readonly untilMs: number }) | null = null
  for (const owner of owners) {
    for (const investigator of investigators) {
      if (!agree(owner.attestation, investigator.attestation)) continue
      const { attestation: weaker, end, untilMs } = investigator.untilMs < owner.untilMs ? investigator : owner
      if (strongest !== null && strongest.untilMs >= untilMs) continue
      strongest = { owner: owner.attestation, investigator: investigator.attestation, weaker, end, untilMs }
    }
  }
  return strongest
}

export function isInvestigator({ signedBy }: Attestation): boolean {
  return signedBy.role === 'FORENSICS_LEAD' || signedBy.role === 'SECURITY_OPERATIONS'
}

interface Candidate {
  readonly attestation: Attestation
  readonly end: AttestationEnd
  /** Where it ends, never before it began: a key withdrawn for all time ended its attestations as they were given. */
  readonly untilMs: number
}

/** Of each key, role and revision the attestation that ends last: renewals pile up, and pairs of all would be many. */
function strongestByKey(
  { attestations, restoration }: Pick<SystemState, 'attestations' | 'restoration'>,
  state: Revoked,
  rules: Trust,
  revision: number | null,
): readonly Candidate[] {
  const strongest = new Map<string, Candidate>()
  for (const attestation of attestations) {
    if (!isAbout(attestation, restoration)) continue
    if (revision !== null && attestation.intrusionRevision !== revision) continue
    const end = endOf(attestation, state, rules)
    const untilMs = Math.max(end.ms, Date.parse(attestation.issuedAt))
    const key = `${attestation.intrusionRevision} ${attestation.signedBy.role} ${attestation.signedBy.keyId}`
    const known = strongest.get(key)
    if (known === undefined || known.untilMs < untilMs) strongest.set(key, { attestation, end, untilMs })
  }
  return [...strongest.values()]
}

/** Digest and manifest are those of the restoration in both, so the revision is what is left to agree on. */
function agree(one: Attestation, other: Attestation): boolean {
  return one.signedBy.keyId !== other.signedBy.keyId && one.intrusionRevision === other.intrusionRevision
}

function endOf({ id, signedBy, expiresAt }: Attestation, { revoked }: Revoked, rules: Trust): AttestationEnd {
  const withdrawnMs = Math.min(
    instantMs(rules.withdrawalOf(signedBy.keyId)),
    instantMs(revoked.keys.get(signedBy.keyId)),
  )
  const revokedMs = instantMs(revoked.statements.get(id))
  const expiredMs = Date.parse(expiresAt)
  const ms = Math.min(withdrawnMs, revokedMs, expiredMs)
  return { ms, by: withdrawnMs <= ms ? 'WITHDRAWN' : revokedMs <= ms ? 'REVOKED' : 'EXPIRED' }
}

function instantMs(instant: string | null | undefined): number {
  if (instant === null || instant === undefined) return Number.POSITIVE_INFINITY
  return instant === 'always' ? Number.NEGATIVE_INFINITY : Date.parse(instant)
}
