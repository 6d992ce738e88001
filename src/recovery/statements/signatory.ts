import { ATTESTER_ROLES } from '../../model/code-lists.ts'
import type { SystemKey } from '../../model/system.ts'

/** Who signs statements. A key has one role, given by the pinned key file and never by a token. */

export const SIGNATORY_ROLES = [
  ...ATTESTER_ROLES,
  'RECOVERY_LEAD',
  'PARTNER_MANAGER',
  'COMMUNICATIONS_LEAD',
  'GATEWAY',
] as const
export type SignatoryRole = (typeof SIGNATORY_ROLES)[number]

export interface Signatory {
  /** JWK thumbprint (RFC 7638, SHA-256) of the key. */
  readonly keyId: string
  readonly role: SignatoryRole
  /** The person, or the gateway's own name, as the key file has it. */
  readonly name: string
}

/** A signatory as the pinned key file has it. */
export interface PinnedSignatory extends Signatory {
  readonly algorithm: 'EdDSA' | 'ES256'
  /** The systems that the key may speak of; null: all. */
  readonly systems: readonly SystemKey[] | null
  /** From this instant on nothing that the key has signed counts; null: in force. RFC 3339. */
  readonly withdrawnAt: string | null
}
