import type { z } from 'zod'
import type { SignatoryRole } from './signatory.ts'

/** What makes a kind of statement: who may sign it, for how long, and what it says. One file each, under `kinds/`. */
export interface StatementKind<K extends string, S extends z.ZodType<{ readonly sub: string }>> {
  /** `restore-attestation`; in the header as `typ: restore-attestation+jwt` (RFC 8725 §3.11). */
  readonly kind: K
  /** What it is for, in a sentence. */
  readonly is: string
  /** Who may sign it. */
  readonly signers: readonly SignatoryRole[]
  /** Longest time from `iat` to `exp`, in hours; null: as the policy says for attestations. */
  readonly longestHours: number | null
  /** Claims of its own, the subject included; the envelope's stand in `envelope.ts`. */
  readonly claims: S
}

export function defineKind<const K extends string, S extends z.ZodType<{ readonly sub: string }>>(
  kind: StatementKind<K, S>,
): StatementKind<K, S> {
  return kind
}
