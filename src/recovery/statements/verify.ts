import type { RecoveryPolicy } from '../policy.ts'
import { parsePayload, refuseFuture } from './claims.ts'
import { type CompactForm, parseCompactForm } from './compact-form.ts'
import type { Envelope } from './envelope.ts'
import type { KeyRing } from './key-ring.ts'
import { signatureHolds } from './read.ts'
import { quoted, StatementRefusal } from './refusal.ts'
import type { PinnedSignatory } from './signatory.ts'
import { createStatement } from './statement.ts'
import { type KindName, kindNamed, type Statement } from './statement-kinds.ts'
import { systemsOf } from './subject.ts'
import { nameIn } from './vocabulary.ts'

/**
 * Verifies statements: form, key, signature, claims, place, authority, time, in this order. Called by the desk. It knows
 * the pinned keys and the clock it is given, and nothing of the state: what a statement means there is judged by others.
 */
export interface StatementVerifier {
  /** Throws `StatementRefusal` with the first reason that it meets; asks the network for nothing. */
  verify(token: string, nowMs: number): Promise<Statement>
}

export interface StatementVerifierOptions {
  readonly keys: KeyRing
  /** This gateway, as `aud` must name it. */
  readonly audience: string
  /** The incident, as `inc` must name it. */
  readonly incident: string
  readonly policy: Pick<RecoveryPolicy, 'attestationMaxHours' | 'clockSkewSeconds'>
}

export function createStatementVerifier(options: StatementVerifierOptions): StatementVerifier {
  const { keys, policy } = options
  const skewMs = policy.clockSkewSeconds * 1_000
  return {
    async verify(token, nowMs) {
      const form = parseCompactForm(token)
      const signatory = requireSignatory(form, keys, nowMs)
      await requireSignature(token, form, signatory, keys)
      const payload = parsePayload(form.kind, form.payload)
      const { envelope, claims } = payload
      refuseFuture(form.kind, claims, envelope.iat * 1_000 + skewMs)
      const statement = createStatement(token, form.kind, payload, signatory)
      requirePlace(statement, envelope, options)
      requireAuthority(statement, signatory)
      requireTime(envelope, nowMs, skewMs)
      requireShortLife(form.kind, envelope, policy)
      return statement
    },
  }
}

/** The key, which must be pinned and in force, and made for the algorithm that the header names. */
function requireSignatory({ keyId, algorithm }: CompactForm, keys: KeyRing, nowMs: number): PinnedSignatory {
  const signatory = keys.find(keyId)
  if (signatory === undefined)
    throw new StatementRefusal('UNKNOWN_KEY', `kid is ${quoted(keyId)}; no such key is pinned`)
  const { name, role, withdrawnAt } = signatory
  if (withdrawnAt !== null && Date.parse(withdrawnAt) <= nowMs)
    throw new StatementRefusal('KEY_WITHDRAWN', `the key of ${name} (${role}) is withdrawn since ${withdrawnAt}`)
  if (signatory.algorithm !== algorithm)
    throw new StatementRefusal(
      'BAD_SIGNATURE',
      `alg is ${algorithm}; must be ${signatory.algorithm}, as the key of ${name} (${role}) is`,
    )
  return signatory
}

async function requireSignature(
  token: string,
  { keyId }: CompactForm,
  { name, role }: PinnedSignatory,
  keys: KeyRing,
): Promise<void> {
  if ((await signatureHolds(token, keys)) !== true)
    throw new StatementRefusal(
      'BAD_SIGNATURE',
      `the signature is not that of ${name} (${role}, key ${keyId}) over this statement`,
    )
}

function requirePlace(
  { kind, claims }: Statement,
  { aud, inc }: Envelope,
  { audience, incident }: StatementVerifierOptions,
): void {
  if (aud !== audience)
    throw new StatementRefusal('WRONG_AUDIENCE', `aud is ${quoted(aud)}; this gateway is ${quoted(audience)}`)
  if (inc !== incident)
    throw new StatementRefusal('WRONG_INCIDENT', `inc is ${quoted(inc)}; the incident is ${quoted(incident)}`)
  if (kind === 'incident-fact' && nameIn(claims.sub) !== incident)
    throw new StatementRefusal('WRONG_INCIDENT', `sub is ${quoted(claims.sub)}; the incident is ${quoted(incident)}`)
}

function requireAuthority(statement: Statement, { name, role, systems }: PinnedSignatory): void {
  const { signers } = kindNamed(statement.kind)
  if (!signers.includes(role))
    throw new StatementRefusal(
      'WRONG_ROLE',
      `${name} is ${role}; a ${statement.kind} is signed by ${signers.join(', ')}`,
    )
  const foreign = systemsOf(statement).filter(system => systems !== null && !systems.includes(system))
  if (foreign.length > 0)
    throw new StatementRefusal(
      'WRONG_SYSTEM',
      `it speaks of ${foreign.join(', ')}; the key of ${name} may speak of ${systems?.join(', ')}`,
    )
}

function requireTime({ iat, nbf = iat, exp }: Envelope, nowMs: number, skewMs: number): void {
  const now = new Date(nowMs).toISOString()
  const until = exp * 1_000
  if (until <= nowMs)
    throw new StatementRefusal('EXPIRED', `it counted until ${new Date(until).toISOString()}; it is ${now}`)
  const from = Math.max(iat, nbf) * 1_000
  if (from > nowMs + skewMs)
    throw new StatementRefusal('NOT_YET_VALID', `it counts from ${new Date(from).toISOString()}; it is ${now}`)
}

function requireShortLife(
  kind: KindName,
  { iat, exp }: Envelope,
  { attestationMaxHours }: StatementVerifierOptions['policy'],
): void {
  const longestHours = kindNamed(kind).longestHours ?? attestationMaxHours
  if (exp - iat > longestHours * 3_600)
    throw new StatementRefusal(
      'VALID_TOO_LONG',
      `it counts for ${exp - iat} s; a ${kind} may count for ${longestHours} h (${longestHours * 3_600} s) at most`,
    )
}
