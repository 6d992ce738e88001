import { deepFreeze } from '../../model/freeze.ts'
import { SYSTEM_KEYS, type SystemKey } from '../../model/system.ts'
import type { RecoverySnapshot } from '../recovery.ts'
import type { RecoveryState } from '../state.ts'
import type { Attestation, SuspensionCause, SystemState } from '../system-state.ts'
import { type AttestationEnd, isSound, type Pair, standingAttestations, strongestPair } from './attestations.ts'
import { describeAge, predatesIntrusion } from './backup-age.ts'
import type { Rules } from './rules.ts'
import { type Closing, isSuspendable, suspended } from './suspension.ts'

/**
 * Closes systems whose evidence no longer holds. Called by the fold before and after every entry, and by whoever keeps
 * the state as time goes by. It only ever closes: what opens a system is a transition and nothing else.
 */

/**
 * The snapshot with every system suspended whose evidence does not hold at this time; the same object if nothing
 * changes. Epochs stay: the gate refuses anyway, and the entry that records the closing begins new ones.
 */
export function lapse(snapshot: RecoverySnapshot, nowMs: number, rules: Rules): RecoverySnapshot {
  return SYSTEM_KEYS.reduce((before, key) => {
    const closing = closingOf(before.state.systems[key], before.state, nowMs, rules)
    return closing === null ? before : suspend(before, key, closing)
  }, snapshot)
}

/** When `lapse` will next close a system, in milliseconds since the Unix epoch; Infinity: never, −Infinity: now. */
export function nextLapseMs({ state }: RecoverySnapshot, rules: Rules): number {
  return Math.min(...SYSTEM_KEYS.map(key => lapseMs(state.systems[key], state, rules)))
}

/** Until when the evidence of a system holds, in milliseconds since the Unix epoch; null: none holds now. */
export function evidenceUntilMs(system: SystemState, state: RecoveryState, nowMs: number, rules: Rules): number | null {
  if (isBackupDirty(system, state, rules) || unsoundIn(system, state, nowMs, rules) !== null) return null
  const end = strongestPair(system, state, rules)?.end.ms
  return end !== undefined && nowMs < end ? end : null
}

/**
 * The snapshot with this system suspended for what was observed of it; the same object where the system rests on no
 * evidence, or is suspended already for as good a reason.
 */
export function suspend(snapshot: RecoverySnapshot, key: SystemKey, closing: Closing): RecoverySnapshot {
  const { state, epochs } = snapshot
  const before = state.systems[key]
  const after = suspended(before, closing)
  if (after === before) return snapshot
  return deepFreeze({ state: { ...state, systems: { ...state.systems, [key]: after } }, epochs })
}

function lapseMs(system: SystemState, state: RecoveryState, rules: Rules): number {
  if (isBackupDirty(system, state, rules)) {
    return suspended(system, dirtyBackup(system, state, rules)) === system ? Infinity : -Infinity
  }
  return isSuspendable(system.lifecycle) ? (strongestPair(system, state, rules)?.end.ms ?? -Infinity) : Infinity
}

/** Why the system has to be closed by this time; null: it has not. */
function closingOf(system: SystemState, state: RecoveryState, nowMs: number, rules: Rules): Closing | null {
  if (isBackupDirty(system, state, rules)) return dirtyBackup(system, state, rules)
  const unsound = unsoundIn(system, state, nowMs, rules)
  if (unsound !== null) return attestedUnsound(system, unsound)
  if (!isSuspendable(system.lifecycle)) return null
  const pair = strongestPair(system, state, rules)
  return pair !== null && nowMs < pair.end.ms ? null : lostEvidence(system, pair)
}

function isBackupDirty({ restoration }: SystemState, { intrusion }: RecoveryState, { policy }: Rules): boolean {
  return restoration !== null && intrusion !== null && !predatesIntrusion(restoration.backup, intrusion, policy)
}

/** The intruders may have been in what was restored: nothing that was read since is to be relied upon. */
function dirtyBackup(system: SystemState, { intrusion }: RecoveryState, { policy }: Rules): Closing {
  const { restoration } = system
  if (restoration === null || intrusion === null) throw new TypeError('a backup is dirty only against an intrusion')
  return {
    cause: 'BACKUP_NOT_BEFORE_INTRUSION',
    reason: `The backup no longer predates the intrusion: ${describeAge(restoration.backup, intrusion, policy)}.`,
    at: notBeforeLastStep(system, Date.parse(intrusion.statedAt)),
    distrustSince: restoration.completedAt ?? restoration.backup.takenAt,
    recorded: false,
  }
}

/**
 * What an attester says against the system now; null: nothing. It closes with its own entry or with that which brings it
 * back into force, never as time goes by, so `nextLapseMs` need not foretell it; and no clock that runs behind the
 * journal takes up again what had ended when the system was opened.
 */
function unsoundIn(system: SystemState, state: RecoveryState, nowMs: number, rules: Rules): Attestation | null {
  const atMs = Math.max(nowMs, Date.parse(state.head.recordedAt ?? system.since))
  return standingAttestations(system, state, atMs, rules).findLast(attestation => !isSound(attestation)) ?? null
}

/** What was restored is not what it was taken for: nothing that was read since is to be relied upon. */
function attestedUnsound(system: SystemState, attestation: Attestation): Closing {
  const { id, signedBy, backup, checks, recordedAt } = attestation
  const found = [
    ...(backup.malwareStatus === 'CLEAN' ? [] : [`the backup ${backup.id} is ${backup.malwareStatus}`]),
    ...checks.flatMap(({ kind, outcome }) => (outcome === 'FAILED' ? [`${kind} FAILED`] : [])),
  ]
  return {
    cause: 'ATTESTED_UNSOUND',
    reason: `The attestation ${id} of ${signedBy.name} (${signedBy.role}) says: ${found.join('; ')}.`,
    at: notBeforeLastStep(system, Date.parse(recordedAt)),
    distrustSince: attestation.restore.completedAt,
    recorded: false,
  }
}

const LOST: Readonly<Record<AttestationEnd['by'], { readonly cause: SuspensionCause; readonly how: string }>> = {
  EXPIRED: { cause: 'ATTESTATION_EXPIRED', how: 'has expired' },
  REVOKED: { cause: 'ATTESTATION_REVOKED', how: 'was revoked' },
  WITHDRAWN: { cause: 'KEY_WITHDRAWN', how: 'was signed with a key that is withdrawn' },
}

function lostEvidence(system: SystemState, pair: Pair | null): Closing {
  const { cause, how } = LOST[pair?.end.by ?? 'EXPIRED']
  const at = notBeforeLastStep(system, pair?.end.ms ?? -Infinity)
  const reason =
    pair === null
      ? 'No two attestations hold for what was restored.'
      : `The attestation ${pair.weaker.id} of ${pair.weaker.signedBy.name} (${pair.weaker.signedBy.role}) ${how}, and no two others hold at ${at}.`
  return { cause, reason, at, distrustSince: null, recorded: false }
}

/** A cause may be older than the step that it undoes, as where a key is withdrawn for all time. */
function notBeforeLastStep(system: SystemState, ms: number): string {
  return new Date(Math.max(ms, Date.parse(system.transitions.at(-1)?.recordedAt ?? system.since))).toISOString()
}
