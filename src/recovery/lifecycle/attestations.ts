import type { RecoveryState } from '../state.ts'
import type { Attestation, SystemState } from '../system-state.ts'
import { isAbout } from './attested-restore.ts'
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

/** Two sound attestations that together carry a restored system: the two-person rule. */
export interface Pair {
  readonly owner: Attestation
  readonly investigator: Attestation
  /** That of the two that ends first. */
  readonly weaker: Attestation
  readonly end: AttestationEnd
}

type Trust = Pick<Rules, 'withdrawalOf'>
type Revoked = Pick<RecoveryState, 'revoked'>
type Attested = Pick<SystemState, 'attestations' | 'restoration'>

export function standingOf(attestation: Attestation, state: Revoked, nowMs: number, rules: Trust): Standing {
  const end = endOf(attestation, state, rules)
  return nowMs < end.ms ? 'VALID' : end.by
}

/** The attestations of a system that are valid, upheld and speak of what was restored in it. */
export function standingAttestations(
  system: Attested,
  state: Revoked,
  nowMs: number,
  rules: Trust,
): readonly Attestation[] {
  return upheldAttestations(system, state).filter(
    attestation => standingOf(attestation, state, nowMs, rules) === 'VALID',
  )
}

/** Whether an attester says that all is well: a clean backup, and no check that failed. */
export function isSound({ backup, checks }: Pick<Attestation, 'backup' | 'checks'>): boolean {
  return backup.malwareStatus === 'CLEAN' && checks.every(({ outcome }) => outcome === 'PASSED')
}

/**
 * What the attesters of a system uphold of what they ever said of its restore: where the last word of a key is that all
 * is well, nothing it said to the contrary counts any more, and the other way round.
 */
export function upheldAttestations(
  { attestations, restoration }: Attested,
  { revoked }: Revoked,
): readonly Attestation[] {
  const about = attestations.filter(attestation => isAbout(attestation, restoration))
  const lastWords = new Map<string, Attestation>()
  for (const attestation of about) {
    const { keyId } = attestation.signedBy
    const known = lastWords.get(keyId)
    const isLater = known === undefined || Date.parse(known.issuedAt) <= Date.parse(attestation.issuedAt)
    if (isLater && !revoked.statements.has(attestation.id)) lastWords.set(keyId, attestation)
  }
  return about.filter(attestation => {
    const lastWord = lastWords.get(attestation.signedBy.keyId)
    return lastWord === undefined || isSound(lastWord) === isSound(attestation)
  })
}

/**
 * The two that carry the system longest, among those that were ever given for what was restored and say that all is
 * well: one of its owner, one of who looks for the intruders, by distinct keys of distinct persons, agreeing on the
 * revision of the intrusion. They hold until `end.ms`; null: there never were two. `revision` null: any that the two agree on.
 */
export function strongestPair(
  system: Attested,
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
function strongestByKey(system: Attested, state: Revoked, rules: Trust, revision: number | null): readonly Candidate[] {
  const strongest = new Map<string, Candidate>()
  for (const attestation of upheldAttestations(system, state).filter(isSound)) {
    if (revision !== null && attestation.intrusionRevision !== revision) continue
    const end = endOf(attestation, state, rules)
    const untilMs = Math.max(end.ms, Date.parse(attestation.issuedAt))
    const key = `${attestation.intrusionRevision} ${attestation.signedBy.role} ${attestation.signedBy.keyId}`
    const known = strongest.get(key)
    if (known === undefined || known.untilMs < untilMs) strongest.set(key, { attestation, end, untilMs })
  }
  return [...strongest.values()]
}

/** Both speak of the restoration as it is, so the revision is what is left to agree on. A person may have several keys. */
function agree({ signedBy: one, ...first }: Attestation, { signedBy: other, ...second }: Attestation): boolean {
  return one.keyId !== other.keyId && one.name !== other.name && first.intrusionRevision === second.intrusionRevision
}

function endOf({ id, signedBy, system, expiresAt }: Attestation, { revoked }: Revoked, rules: Trust): AttestationEnd {
  const withdrawnMs = Math.min(
    instantMs(rules.withdrawalOf(signedBy.keyId, signedBy.role, system)),
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
