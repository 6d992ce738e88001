import type { z } from 'zod'
import { automaticClosing } from './kinds/automatic-closing.ts'
import { backlogMeasure } from './kinds/backlog-measure.ts'
import { incidentFact } from './kinds/incident-fact.ts'
import { indicatorReport } from './kinds/indicator-report.ts'
import { lifecycleTransition } from './kinds/lifecycle-transition.ts'
import { partnerGrant } from './kinds/partner-grant.ts'
import { plannedReopening } from './kinds/planned-reopening.ts'
import { restartUpdate } from './kinds/restart-update.ts'
import { restoreAttestation } from './kinds/restore-attestation.ts'
import { revocation } from './kinds/revocation.ts'
import { siteRestart } from './kinds/site-restart.ts'
import type { Signatory } from './signatory.ts'

/** All kinds of statement: this list is the map. */
export const STATEMENT_KINDS = [
  restoreAttestation,
  lifecycleTransition,
  incidentFact,
  partnerGrant,
  restartUpdate,
  plannedReopening,
  siteRestart,
  backlogMeasure,
  indicatorReport,
  revocation,
  automaticClosing,
] as const

export type KindName = (typeof STATEMENT_KINDS)[number]['kind']
export type KindDefinition<K extends KindName = KindName> = Extract<
  (typeof STATEMENT_KINDS)[number],
  { readonly kind: K }
>
/** Claims of a kind as they are parsed: defaults filled in, times in UTC. */
export type ClaimsOf<K extends KindName> = z.output<KindDefinition<K>['claims']>
/** Claims of a kind as they are written and signed. */
export type ClaimsInputOf<K extends KindName> = z.input<KindDefinition<K>['claims']>

/** The kind of this name, or undefined. */
export function findKind(name: string): KindDefinition | undefined {
  return STATEMENT_KINDS.find(({ kind }) => kind === name)
}

/** The definition of a kind. */
export function kindNamed(name: KindName): KindDefinition {
  const kind = findKind(name)
  if (kind === undefined) throw new TypeError(`there is no kind of statement called ${name}`)
  return kind
}

/** A statement whose form, signature and claims have been checked. */
export type Statement = { readonly [K in KindName]: StatementOf<K> }[KindName]

export interface StatementOf<K extends KindName> {
  readonly kind: K
  /** `jti`, a UUID. */
  readonly id: string
  /** The compact JWS, exactly as it was signed. */
  readonly token: string
  /** SHA-256 of the token, hexadecimal. */
  readonly digest: string
  /** RFC 3339 in UTC. */
  readonly issuedAt: string
  readonly expiresAt: string
  /** Null: it counts from `issuedAt` on. */
  readonly notBefore: string | null
  readonly signedBy: Signatory
  readonly claims: ClaimsOf<K>
}
